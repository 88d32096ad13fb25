package sensitivity

import (
	"slices"
	"unsafe"

	"parallax/diff"
	"parallax/processors/row"
)

// mutation is a part of a batch as both sides have it, of which V2's is changed in one way.
type mutation struct {
	opt    *Options
	v1, v2 row.Outcome
	// at is the changed row, before the one of the same identity before it, -1 for none: indexes
	// of both sides' rows until V2's are changed.
	at, before int
	// pick is a number to choose by.
	pick uint64
	// column is the changed column, "" for none.
	column string
}

// target is V2's row that is changed; the row's slices are V2's.
func (m *mutation) target() *row.Change { return &m.v2.Changes[m.at] }

func (m *mutation) sink() *row.Sink { return m.opt.Sinks[m.v1.Changes[m.at].Query] }

// values gives the target values of its own, and returns them.
func (m *mutation) values() []row.Value {
	c := m.target()
	c.Values = slices.Clone(c.Values)
	return c.Values
}

// where says what was changed, without its values, which may be confidential.
func (m *mutation) where(sinks []*row.Sink) string {
	if m.at < 0 {
		return "all outputs"
	}
	text := sinks[m.v1.Changes[m.at].Query].Topic
	if m.column != "" {
		text += "." + m.column
	}
	return text
}

// mutation returns a mutation of a kind; ok is false where the batch has no row for it.
func (c *Check) mutation(k *kind, v1 *row.Outcome) (m *mutation, ok bool) {
	pick := spread(uint64(v1.Batch.Seq)*31 + uint64(len(k.name)))
	if k.need == needsNoRow || k.need == needsDeadLetter {
		m := c.part(v1, -1, -1, pick)
		return m, k.inject(m)
	}
	n := len(c.rows.one)
	if n == 0 {
		return nil, false
	}
	tries := 0
	for step := range n {
		i := (int(pick%uint64(n)) + step) % n
		one := &c.rows.one[i]
		before := -1
		switch k.need {
		case needsRow:
			if one.Deleted() {
				continue
			}
		case needsTombstone:
			if !one.Deleted() {
				continue
			}
			before = c.rows.before[i]
		case needsTwoRows:
			if before = c.rows.before[i]; before < 0 {
				continue
			}
		}
		if c.rows.bytes[i] > targetBytes || before >= 0 && c.rows.bytes[before] > targetBytes || !k.fits(c.opt.Sinks[one.Query], one) {
			continue
		}
		if !diff.IsTimely(c.opt.Sinks[one.Query], v1.Batch, one) {
			continue
		}
		if tries++; tries > mostTries {
			break
		}
		if m := c.part(v1, i, before, pick); k.inject(m) {
			return m, true
		}
	}
	return nil, false
}

// mostTries is how many rows of a batch are tried for a kind.
const mostTries = 64

// part returns both sides' part of the batch for row i and the row before it of the same
// identity, or -1, with some rows beside them. Other rows of the identity are not in it: which
// levels a change breaks then depends on these two rows only. With i = -1 it has no row
// that is changed.
func (c *Check) part(v1 *row.Outcome, i, before int, pick uint64) *mutation {
	m := &mutation{opt: &c.opt, at: -1, before: -1, pick: pick}
	of := func(o *row.Outcome) {
		*o = row.Outcome{
			Batch: v1.Batch, Dispositions: v1.Dispositions, DeadLetters: v1.DeadLetters,
			ExpressionErrors: v1.ExpressionErrors, Late: v1.Late, ClosedWindows: v1.ClosedWindows,
		}
	}
	of(&m.v1)
	of(&m.v2)
	take := func(j int) {
		switch j {
		case i:
			m.at = len(m.v1.Changes)
		case before:
			m.before = len(m.v1.Changes)
		default:
			if c.rows.bytes[j] > besideBytes || i >= 0 && c.rows.identities[j] == c.rows.identities[i] {
				return
			}
		}
		one, two := c.rows.one[j], c.rows.two[j]
		if two.Written = nil; one.Written != nil {
			one.Written = m.written(one.Key) // the run's comparison keeps notes in the other one
		}
		m.v1.Changes, m.v2.Changes = append(m.v1.Changes, one), append(m.v2.Changes, two)
	}
	if before >= 0 && before < i-beside {
		take(before)
	}
	for j := max(i-beside, 0); j <= min(max(i, 0)+beside, len(c.rows.one)-1); j++ {
		take(j)
	}
	m.v1.Raw, m.v2.Raw = int64(len(m.v1.Changes)), int64(len(m.v2.Changes))
	return m
}

// written returns room for a comparison's notes about a key of V1: the same one for the same
// tuple, as V1 has it.
func (m *mutation) written(key []row.Value) *row.Written {
	for i := range m.v1.Changes {
		c := &m.v1.Changes[i]
		if c.Written != nil && unsafe.SliceData(c.Key) == unsafe.SliceData(key) {
			return c.Written
		}
	}
	return &row.Written{}
}
