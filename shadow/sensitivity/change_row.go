package sensitivity

import (
	"math"
	"slices"

	"parallax/diff"
	"parallax/processors/row"
)

// changeValue changes the first value, from a chosen column on, that change can change and that
// no rule is about.
func (m *mutation) changeValue(change func(row.Value) (row.Value, bool)) bool {
	s := m.sink()
	n := min(len(m.target().Values), len(s.Values))
	for step := range n {
		i := (int(m.pick%uint64(n)) + step) % n
		v, ok := change(m.target().Values[i])
		if !ok || diff.HasRule(m.opt.Rules, s, i) {
			continue
		}
		m.values()[i], m.column = v, s.Values[i].Name
		return true
	}
	return false
}

func (m *mutation) setNull() bool {
	return m.changeValue(func(v row.Value) (row.Value, bool) { return row.Value{}, !v.IsNull() })
}

func (m *mutation) changeType() bool { return m.changeValue(retyped) }

func (m *mutation) moveTimestamp() bool {
	if s := m.sink(); diff.HasRule(m.opt.Rules, s, len(s.Values)) {
		return false
	}
	m.target().Timestamp ^= 1
	return true
}

func (m *mutation) dropColumn() bool {
	c := m.target()
	if len(c.Values) < 2 { // a row without values is a deletion
		return false
	}
	c.Values = c.Values[: len(c.Values)-1 : len(c.Values)-1]
	return true
}

func (m *mutation) drop() bool {
	m.v2.Changes = slices.Delete(m.v2.Changes, m.at, m.at+1)
	return true
}

// insert puts a copy of the target, which change changes, behind it.
func (m *mutation) insert(change func(c *row.Change)) bool {
	c := *m.target()
	change(&c)
	m.v2.Changes = slices.Insert(m.v2.Changes, m.at+1, c)
	return true
}

func (m *mutation) add() bool {
	return m.insert(func(c *row.Change) { c.Ordinal, c.Timestamp = c.Ordinal+1, c.Timestamp^1 })
}

func (m *mutation) repeat() bool { return m.insert(func(*row.Change) {}) }

// swap exchanges the target and the row of the same identity before it.
func (m *mutation) swap() bool {
	rows := m.v2.Changes
	a, b := &rows[m.before], &rows[m.at]
	if row.EqualRow(a, b) || a.Deleted() && b.Deleted() { // two deletions leave the same table
		return false
	}
	*a, *b = *b, *a
	return true
}

// swapWithOtherKey exchanges the target and another row of the same output.
func (m *mutation) swapWithOtherKey() bool {
	rows := m.v2.Changes
	if s := m.sink(); len(s.Key) == 0 && !s.Windowed { // it is one sequence
		return false
	}
	for i := range rows {
		if rows[i].Query != rows[m.at].Query || isSameIdentity(&rows[i], &rows[m.at]) {
			continue
		}
		rows[i], rows[m.at] = rows[m.at], rows[i]
		return true
	}
	return false
}

func isSameIdentity(a, b *row.Change) bool {
	return a.Query == b.Query && a.WindowStart == b.WindowStart && a.WindowEnd == b.WindowEnd && row.EqualValues(a.Key, b.Key)
}

// isNew reports whether no row of V1 has the target's identity.
func (m *mutation) isNew(c *row.Change) bool {
	return !slices.ContainsFunc(m.v1.Changes, func(own row.Change) bool { return isSameIdentity(&own, c) })
}

// moveWindow changes the start, so that the window closes when it did.
func (m *mutation) moveWindow() bool {
	m.target().WindowStart--
	return m.isNew(m.target())
}

// changeKey changes a column of the key, and the values that repeat it.
func (m *mutation) changeKey() bool {
	c, s := m.target(), m.sink()
	for step := range c.Key {
		k := (int(m.pick%uint64(len(c.Key))) + step) % len(c.Key)
		v, ok := changed(c.Key[k], m.pick)
		if !ok {
			continue
		}
		c.Key = slices.Clone(c.Key)
		c.Key[k] = v
		values := m.values()
		for i, from := range s.FromKey {
			if from == k && i < len(values) {
				values[i] = v
			}
		}
		return m.isNew(c)
	}
	return false
}

// loseTombstone leaves a deletion out. Where only the table counts, it must delete something.
func (m *mutation) loseTombstone() bool {
	deletes := m.before >= 0 && !m.v2.Changes[m.before].Deleted()
	if !deletes && m.opt.Require < diff.E3 {
		return false
	}
	return m.drop()
}

// mostTime bounds the times that are computed with.
const mostTime = math.MaxInt64 / 4

// addEarly adds a row of a window that is still open.
func (m *mutation) addEarly() bool {
	_, now := diff.Times(m.v1.Batch, m.target().Position)
	return m.insertAt(now, 1)
}

// addLate adds a row of a window that had closed.
func (m *mutation) addLate() bool {
	before, now := diff.Times(m.v1.Batch, m.target().Position)
	if m.target().Phase == 0 {
		now = before
	}
	return m.insertAt(now, 0)
}

// insertAt inserts a row of a window that closes some time after a watermark.
func (m *mutation) insertAt(watermark, after int64) bool {
	if watermark > mostTime || watermark < -mostTime {
		return false
	}
	by := diff.Shift(m.sink(), m.target(), watermark) + after
	m.insert(func(c *row.Change) { c.WindowStart, c.WindowEnd = c.WindowStart+by, c.WindowEnd+by })
	return m.isNew(&m.v2.Changes[m.at+1])
}

// reroute lets another partition of V2 make the target.
func (m *mutation) reroute() bool {
	m.target().Partition = m.v2.Changes[m.before].Partition + 1
	return true
}
