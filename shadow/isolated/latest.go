package isolated

import "parallax/processors/row"

// mostKept is how many batches Latest keeps.
const mostKept = 32

// Latest keeps the latest batches of a run that have records. The zero value is empty.
type Latest struct {
	batches  []*row.Batch
	position int
}

// Keep adds a batch, in the place of the oldest one where there are mostKept.
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

// InOrder returns the batches that are kept, oldest first.
func (l *Latest) InOrder() []*row.Batch {
	return append(append([]*row.Batch(nil), l.batches[l.position:]...), l.batches[:l.position]...)
}
