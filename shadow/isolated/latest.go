package isolated

import "parallax/processors/row"

// mostKept is the number of batches that Latest keeps.
const mostKept = 32

// Latest keeps the latest batches of a run that have records. The zero value is empty.
type Latest struct {
	batches  []*row.Batch
	position int
}

// Keep adds a batch and drops the oldest one if there are more than mostKept.
func (l *Latest) Keep(b *row.Batch) {
	switch {
	case b.Len() == 0:
	case len(l.batches) < mostKept:
		l.batches = append(l.batches, b)
	default:
		l.batches[l.position] = b
		l.position = (l.position + 1) % mostKept
	}
}

// InOrder returns the kept batches, oldest first.
func (l *Latest) InOrder() []*row.Batch {
	return append(append([]*row.Batch(nil), l.batches[l.position:]...), l.batches[:l.position]...)
}
