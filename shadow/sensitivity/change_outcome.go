package sensitivity

import (
	"slices"

	"parallax/diff"
	"parallax/processors/row"
)

// changeDisposition lets V2 do less with a record than V1: without a row, where records without
// rows are compared, otherwise drop it.
func (m *mutation) changeDisposition() bool {
	n := len(m.v2.Dispositions)
	for step := range n {
		i := (int(m.pick%uint64(n)) + step) % n
		var less row.Disposition
		switch d := m.v2.Dispositions[i]; {
		case d == row.Output && m.opt.Require >= diff.E3:
			less = row.StateOnly
		case d == row.Output || d == row.StateOnly:
			less = row.Filtered
		default:
			continue
		}
		m.v2.Dispositions = slices.Clone(m.v2.Dispositions)
		m.v2.Dispositions[i] = less
		return true
	}
	return false
}

func (m *mutation) addDeadLetter() bool {
	n := m.v1.Batch.Len()
	if n == 0 {
		return false
	}
	m.v2.DeadLetters = append(slices.Clip(m.v2.DeadLetters), row.DeadLetter{Record: int(m.pick % uint64(n)), Reason: "a mutation"})
	return true
}

func (m *mutation) loseDeadLetter() bool {
	if len(m.v2.DeadLetters) == 0 {
		return false
	}
	m.v2.DeadLetters = m.v2.DeadLetters[1:]
	return true
}

func (m *mutation) changeReason() bool {
	if len(m.v2.DeadLetters) == 0 {
		return false
	}
	m.v2.DeadLetters = slices.Clone(m.v2.DeadLetters)
	m.v2.DeadLetters[0].Reason += "?"
	return true
}
