package shadow

import (
	"sync"

	"parallax/diff"
	"parallax/processors/row"
)

// ledger puts every input record into exactly one bucket. The zero value is
// empty. Three counts meet in it that are made apart: what was taken, batch by
// batch; what was put into a bucket, record by record; and what is still open.
// Where they do not add up is a gap, and a gap is an error of the tool.
type ledger struct {
	mu      sync.Mutex
	buckets diff.Ledger
	taken   int64
	late    int64
	open    map[int64]int64 // records of batches that are in no bucket yet
	next    map[row.TopicPartition]int64
	doubled int64 // records at an offset that had been taken before
}

// take notes a batch that the source handed out.
func (l *ledger) take(b *row.Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open, l.next = map[int64]int64{}, map[row.TopicPartition]int64{}
	}
	l.taken += int64(b.Len())
	l.open[b.Seq] = int64(b.Len())
	for i := range b.Len() {
		rec := b.Record(i)
		if next, seen := l.next[rec.TopicPartition]; seen && rec.Offset < next {
			l.doubled++
		}
		l.next[rec.TopicPartition] = rec.Offset + 1
	}
}

// compared books a batch that both paths finished.
func (l *ledger) compared(v1, v2 *row.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := v1.Batch
	for i := range b.Len() {
		one, two := v1.Dispositions[i], v2.Dispositions[i]
		switch {
		case b.Record(i).State == row.Undecodable:
			l.buckets.Undecodable++
		case one == row.Failed:
			l.buckets.V1Error++
		case dropped(one) && dropped(two):
			l.buckets.Filtered++
			if one == row.Late {
				l.late++
			}
		case one != row.DispositionNone:
			l.buckets.Compared++
		}
	}
	delete(l.open, b.Seq)
}

// alone books a batch that only V1 finished.
func (l *ledger) alone(v1 *row.Outcome, gone detachment) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := v1.Batch
	bucket := &l.buckets.NotComparable
	switch {
	case gone.kind == overloaded:
		bucket = &l.buckets.Shed
	case gone.kind == failed && b.Seq == gone.from:
		bucket = &l.buckets.V2Error
	}
	for i := range b.Len() {
		switch {
		case b.Record(i).State == row.Undecodable:
			l.buckets.Undecodable++
		case v1.Dispositions[i] == row.Failed:
			l.buckets.V1Error++
		default:
			*bucket++
		}
	}
	delete(l.open, b.Seq)
}

// snapshot returns the ledger as it stands.
func (l *ledger) snapshot() diff.Ledger {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.buckets
	for _, n := range l.open {
		s.Pending += n
	}
	s.Gap = l.taken - s.Records() + l.doubled
	return s
}

func dropped(d row.Disposition) bool { return d == row.Filtered || d == row.Late }
