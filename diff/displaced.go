package diff

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"parallax/processors/row"
)

// displacement is a way in which a row that only V1 has and one that only V2 has are the
// same row at different places.
type displacement struct {
	class Class
	// place is the part that both have in common; ok is false for a row that cannot be
	// displaced in this way.
	place func(s *row.Sink, c *row.Change) (place []byte, ok bool)
	// name is the name of the part that differs, in addition to the values; column is that part,
	// in V1.
	name   string
	column func(d *Differ, s *row.Sink, c *row.Change) ColumnDiff
	guess  func(s *row.Sink, one, two *row.Change) Hypothesis
}

var displacements = []displacement{
	{WindowBounds, anyWindow, "window", windowColumn, guessWindow},
	{KeyClass, anyKey, "key", keyColumn, guessKey},
}

// pairAlone reports the rows that only one side has. Two that are one row at different
// places are one divergence; each of the others is one.
func (d *Differ) pairAlone(q int) {
	alone := d.alone
	if !bothSides(alone) {
		for i := range alone {
			d.found.add(alone[i])
		}
		alone = nil
	}
	sink := d.sinks[q]
	partner := make([]int, len(alone)) // plus one; negative: it is already a partner
	how := make([]*displacement, len(alone))
	for k := range displacements {
		way := &displacements[k]
		waiting := map[string][]int{}
		for side := V1; side <= V2; side++ {
			for i := range alone {
				if partner[i] != 0 || (alone[i].rows.one != nil) != (side == V1) || !displaceable(alone[i].class) {
					continue
				}
				place, ok := way.place(sink, alone[i].rows.of())
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
			d.found.add(alone[i])
		case partner[i] > 0:
			d.found.add(displaced(how[i], &alone[i], &alone[partner[i]-1]))
		}
	}
	clear(d.alone) // so that it keeps no batch alive
	d.alone = d.alone[:0]
}

// bothSides reports whether there are rows of both sides.
func bothSides(alone []divergence) bool {
	var have [2]bool
	for i := range alone {
		if alone[i].rows.one != nil {
			have[V1] = true
		} else {
			have[V2] = true
		}
	}
	return have[V1] && have[V2]
}

// displaceable reports whether a row is alone for no known reason.
func displaceable(c Class) bool { return c == Missing || c == Extra || c == Tombstone }

// displaced returns the divergence of a row of V1 and the displaced row of V2.
func displaced(way *displacement, one, two *divergence) divergence {
	rows := pair{sink: one.rows.sink, one: one.rows.one, two: two.rows.two, cause: one.rows.one, displaced: way}
	guess := way.guess(rows.sink, rows.one, rows.two)
	return divergence{class: way.class, root: one.root || two.root, topic: one.topic, shape: string(guess), sure: only(guess), rows: rows}
}

// anyWindow is the place of a row without its window: its key and cause. All rows that time
// closed together have the same cause, so such rows must have equal values, too.
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

// anyKey is the place of a row without its key: its window and cause, and its values other
// than the key.
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

// causeOf identifies the cause of a row.
func causeOf(c *row.Change) []byte {
	deleted := byte(0)
	if c.Deleted() {
		deleted = 1
	}
	return append(binary.BigEndian.AppendUint64(nil, uint64(c.Position)), byte(c.Phase), deleted)
}

func windowColumn(_ *Differ, _ *row.Sink, c *row.Change) ColumnDiff {
	return ColumnDiff{Name: "window", V1: "[" + count(c.WindowStart) + ", " + count(c.WindowEnd) + ")", Kind: WindowColumn}
}

func keyColumn(d *Differ, s *row.Sink, c *row.Change) ColumnDiff {
	var text bytes.Buffer
	for i, v := range c.Key {
		if isAbsent(v) {
			continue
		}
		if text.Len() > 0 {
			text.WriteString(", ")
		}
		name := nameOf(s.Key, i)
		text.WriteString(name + "=")
		if v.Kind() == row.String && !d.redacts(s, name) {
			text.WriteString(strconv.Quote(v.Str()))
		} else {
			text.WriteString(d.shown(s, name, v))
		}
	}
	if text.Len() == 0 { // there is no key, or all of its columns are absent
		text.WriteString("(none)")
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
