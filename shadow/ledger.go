package shadow

import (
	"sync"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/shadow/candidate"
	"parallax/shadow/sampling"
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
	open    map[int64]int64   // records of batches that are in no bucket yet
	next    row.Places[int64] // the offset after the last one that was taken
	// uncounted are compared or filtered, and not among what the candidate's partitions
	// count: it has them for another query than the first that reads them. Those that the
	// control refused are the other way round.
	uncounted int64
	doubled   int64 // records at an offset that had been taken before
}

// take notes a batch that the source handed out.
func (l *ledger) take(b *row.Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = map[int64]int64{}
	}
	l.taken += int64(b.Len())
	l.open[b.Seq] = int64(b.Len())
	for i := range b.Len() {
		rec := b.Record(i)
		next := l.next.At(rec.TopicPartition)
		if rec.Offset < *next {
			l.doubled++
		}
		*next = rec.Offset + 1
	}
}

// booking has the buckets of a batch's records. They are booked once the control's rows of the
// batch have committed.
type booking struct {
	seq             int64
	buckets         diff.Ledger
	late, uncounted int64
}

// book puts a batch's records into their buckets.
func (l *ledger) book(e booking) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buckets = l.buckets.Plus(e.buckets)
	l.late += e.late
	l.uncounted += e.uncounted
	delete(l.open, e.seq)
}

// compared returns the booking of a batch that both paths finished.
func compared(ofControl, ofCandidate *row.Outcome, s *sampling.Keys) booking {
	b := ofControl.Batch
	l := booking{seq: b.Seq}
	for i := range b.Len() {
		one, two, share := ofControl.Dispositions[i], ofCandidate.Dispositions[i], s.Share(i)
		switch {
		case b.Record(i).State == row.Undecodable:
			l.buckets.Undecodable++
			continue
		case one == row.Failed:
			l.buckets.V1Error++
			if share.Counted {
				l.uncounted--
			}
			continue
		case !share.Any:
			l.buckets.SampledOut++
			continue
		case dropped(one) && dropped(two):
			l.buckets.Filtered++
			if one == row.Late {
				l.late++
			}
		case one != row.DispositionNone:
			l.buckets.Compared++
		}
		if !share.Counted {
			l.uncounted++
		}
	}
	return l
}

// alone returns the booking of a batch that only the control finished, and the number of its
// records in the bucket of the detachment.
func alone(ofControl *row.Outcome, gone candidate.Detachment, s *sampling.Keys) (l booking, missed int64) {
	b := ofControl.Batch
	l.seq = b.Seq
	bucket := &l.buckets.NotComparable
	switch {
	case gone.Kind == candidate.Overloaded:
		bucket = &l.buckets.Shed
	case gone.Kind == candidate.Failed && b.Seq == gone.From:
		bucket = &l.buckets.V2Error
	}
	for i := range b.Len() {
		switch {
		case b.Record(i).State == row.Undecodable:
			l.buckets.Undecodable++
		case ofControl.Dispositions[i] == row.Failed:
			l.buckets.V1Error++
		case !s.Share(i).Any:
			l.buckets.SampledOut++
		default:
			*bucket++
			missed++
		}
	}
	return l, missed
}

// snapshot returns the present ledger.
func (l *ledger) snapshot() diff.Ledger {
	s, _, _ := l.read()
	return s
}

// read returns the present ledger, the number of late records, and the number of records that the
// candidate's partitions do not count.
func (l *ledger) read() (s diff.Ledger, late, uncounted int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s = l.buckets
	for _, n := range l.open {
		s.Pending += n
	}
	s.Gap = l.taken - s.Records() + l.doubled
	return s, l.late, l.uncounted
}

func dropped(d row.Disposition) bool { return d == row.Filtered || d == row.Late }
