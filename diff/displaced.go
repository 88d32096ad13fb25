package diff

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"parallax/processors/row"
)

// lonely is a row that only one side has, and the divergence that it is by itself.
type lonely struct {
	found    divergence
	one, two *row.Change // one of them is nil
}

func (l *lonely) row() *row.Change {
	if l.one != nil {
		return l.one
	}
	return l.two
}

// displacement is a way in which a row that only V1 has and one that only V2 has are
// the same row at another place.
type displacement struct {
	class Class
	// place is what both have in common; ok is false for a row that cannot be
	// displaced in this way.
	place func(s *row.Sink, c *row.Change) (place []byte, ok bool)
	// column is what differs, besides the values.
	column func(s *row.Sink, c *row.Change) ColumnDiff
	guess  func(s *row.Sink, one, two *row.Change) Hypothesis
}

var displacements = []displacement{
	{WindowBounds, anyWindow, windowColumn, guessWindow},
	{KeyClass, anyKey, keyColumn, guessKey},
}

// pairAlone counts the rows that only one side has: two that are one in the wrong
// place as one divergence, the others as they are.
func (d *Differ) pairAlone(q int) {
	sink, alone := d.sinks[q], d.alone
	partner := make([]int, len(alone)) // plus one; below zero: it is somebody's
	how := make([]*displacement, len(alone))
	for k := range displacements {
		way := &displacements[k]
		waiting := map[string][]int{}
		for side := V1; side <= V2; side++ {
			for i := range alone {
				if partner[i] != 0 || (alone[i].one != nil) != (side == V1) || !displaceable(alone[i].found.class) {
					continue
				}
				place, ok := way.place(sink, alone[i].row())
				if !ok {
					continue
				}
				if side == V1 {
					waiting[string(place)] = append(waiting[string(place)], i)
				} else if list := waiting[string(place)]; len(list) > 0 {
					partner[list[0]], partner[i], how[list[0]] = i+1, -1, way
					waiting[string(place)] = list[1:]
				}
			}
		}
	}
	for i := range alone {
		switch {
		case partner[i] == 0:
			d.found.add(alone[i].found)
		case partner[i] > 0:
			d.found.add(d.displaced(q, how[i], &alone[i], &alone[partner[i]-1]))
		}
	}
	clear(alone) // no batch is kept for them
	d.alone = alone[:0]
}

// displaceable reports whether a row is alone for no known reason.
func displaceable(c Class) bool { return c == Missing || c == Extra || c == Tombstone }

// displaced is the divergence that a row of V1 and one of V2 are together.
func (d *Differ) displaced(q int, way *displacement, one, two *lonely) divergence {
	sink := d.sinks[q]
	guess := way.guess(sink, one.one, two.two)
	ex := d.example(uint16(q), one.one, one.one, two.two, one.one)
	a, b := way.column(sink, one.one), way.column(sink, two.two)
	ex.Columns = append([]ColumnDiff{{Name: a.Name, V1: a.V1, V2: b.V1}}, ex.Columns...)
	return divergence{
		class: way.class, root: one.found.root || two.found.root, topic: sink.Topic, shape: string(guess), guess: guess, example: ex,
	}
}

// anyWindow is the place of a row but for its window: its key and cause. A row that
// time made has the cause of all that closed then, so that its values must be the
// same as well.
func anyWindow(s *row.Sink, c *row.Change) ([]byte, bool) {
	if !s.Windowed {
		return nil, false
	}
	place := row.AppendKey(causeOf(c), c.Key...)
	if c.Phase == 0 && !c.Deleted() {
		place = row.AppendKey(place, c.Values...)
	}
	return place, true
}

// anyKey is the place of a row but for its key: its window and cause, and what it
// shows besides the key.
func anyKey(s *row.Sink, c *row.Change) ([]byte, bool) {
	if len(s.Key) == 0 || c.Deleted() {
		return nil, false
	}
	place := binary.BigEndian.AppendUint64(causeOf(c), uint64(c.WindowStart))
	place = binary.BigEndian.AppendUint64(place, uint64(c.WindowEnd))
	place = binary.BigEndian.AppendUint64(place, uint64(c.Timestamp))
	for i, v := range c.Values {
		if i >= len(s.FromKey) || s.FromKey[i] < 0 {
			place = row.AppendKey(place, v)
		}
	}
	return place, true
}

// causeOf is what made a row.
func causeOf(c *row.Change) []byte {
	deleted := byte(0)
	if c.Deleted() {
		deleted = 1
	}
	return append(binary.BigEndian.AppendUint64(nil, uint64(c.Position)), byte(c.Phase), deleted)
}

func windowColumn(_ *row.Sink, c *row.Change) ColumnDiff {
	return ColumnDiff{Name: "window", V1: "[" + count(c.WindowStart) + ", " + count(c.WindowEnd) + ")"}
}

func keyColumn(s *row.Sink, c *row.Change) ColumnDiff {
	var text bytes.Buffer
	for i, v := range c.Key {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(s.Key[i].Name + "=")
		if v.Kind() == row.String {
			text.WriteString(strconv.Quote(v.Str()))
		} else {
			text.WriteString(v.String())
		}
	}
	return ColumnDiff{Name: "key", V1: text.String()}
}

func guessWindow(s *row.Sink, one, two *row.Change) Hypothesis {
	switch {
	case s.Session && two.WindowStart <= one.WindowStart && two.WindowEnd >= one.WindowEnd:
		return SharedSession
	case !s.Session && (two.WindowEnd == one.WindowStart || two.WindowStart == one.WindowEnd):
		return OffByOne
	}
	return ""
}

func guessKey(_ *row.Sink, one, two *row.Change) Hypothesis {
	for i, v := range one.Key {
		if i < len(two.Key) && v.IsNull() && two.Key[i].Kind() == row.String {
			return NullText
		}
	}
	return ""
}
