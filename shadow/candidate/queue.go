package candidate

import (
	"time"

	"parallax/processors"
	"parallax/processors/row"
)

// queue holds the batches that a candidate was offered and has not finished. The
// candidate's mutex guards it.
type queue struct {
	// waiting and inFlight are the unfinished batches, oldest first in inFlight, then in
	// waiting.
	waiting, inFlight []*row.Batch
	// offered has one entry for each unfinished batch, oldest first.
	offered []offering
	bytes   int64
	// started says when the candidate was given each batch in flight, by Seq; lastDone is
	// when it last made progress.
	started  map[int64]time.Time
	lastDone time.Time
	// next is the Seq of the first batch that it was not offered.
	next int64
	// oldest is the oldest that an unfinished batch was ever seen to be.
	oldest time.Duration
	// closed says that no more batches will be offered.
	closed bool
}

// offering is when a batch was offered, and its footprint.
type offering struct {
	at    time.Time
	bytes int64
}

func newQueue(first int64) queue { return queue{next: first, started: map[int64]time.Time{}} }

func (q *queue) len() int { return len(q.waiting) + len(q.inFlight) }

// add appends a batch with its footprint.
func (q *queue) add(b *row.Batch, bytes int64) {
	q.waiting = append(q.waiting, b)
	q.offered = append(q.offered, offering{time.Now(), bytes})
	q.bytes += bytes
	q.next = b.Seq + 1
}

// take moves the next batch into flight.
func (q *queue) take() *row.Batch {
	b := q.waiting[0]
	q.waiting = q.waiting[1:]
	q.inFlight = append(q.inFlight, b)
	q.started[b.Seq] = time.Now()
	return b
}

// finish takes out the oldest batch in flight, which was done at now.
func (q *queue) finish(now time.Time) {
	delete(q.started, q.inFlight[0].Seq)
	q.noteAge(now)
	q.bytes -= q.offered[0].bytes
	q.offered = q.offered[1:]
	q.inFlight = q.inFlight[1:]
	q.lastDone = now
}

// clear drops all unfinished batches.
func (q *queue) clear() {
	q.noteAge(time.Now())
	q.waiting, q.inFlight, q.offered, q.bytes = nil, nil, nil, 0
}

// first returns the oldest unfinished batch, nil for none.
func (q *queue) first() *row.Batch {
	for _, unfinished := range [...][]*row.Batch{q.inFlight, q.waiting} {
		if len(unfinished) > 0 {
			return unfinished[0]
		}
	}
	return nil
}

// begun is when the candidate could turn to a batch in flight: batches overlap, and one
// waits for those before it.
func (q *queue) begun(b *row.Batch) time.Time {
	if begin := q.started[b.Seq]; begin.After(q.lastDone) {
		return begin
	}
	return q.lastDone
}

// given is the time that the candidate has had by now for each unfinished batch, by Seq.
// All of it counts for the oldest: the others wait for that one, even if the candidate
// works on them as well.
func (q *queue) given() map[int64]time.Duration {
	given := map[int64]time.Duration{}
	for i, b := range append(q.inFlight[:len(q.inFlight):len(q.inFlight)], q.waiting...) {
		given[b.Seq] = 0
		if i == 0 && len(q.inFlight) > 0 {
			given[b.Seq] = time.Since(q.begun(b))
		}
	}
	return given
}

// age is that of the oldest unfinished batch.
func (q *queue) age(now time.Time) time.Duration {
	if len(q.offered) == 0 {
		return 0
	}
	return now.Sub(q.offered[0].at)
}

func (q *queue) noteAge(now time.Time) { q.oldest = max(q.oldest, q.age(now)) }

// excuse leaves the time from since to now out of the ages of the batches.
func (q *queue) excuse(since, now time.Time) {
	for i := range q.offered {
		at := q.offered[i].at
		if at.Before(since) {
			at = since
		}
		q.offered[i].at = q.offered[i].at.Add(now.Sub(at))
	}
}

// backlog is what the candidate has before it. Records that are not routed yet will
// spread over the partitions as those before them did. stats are its own counts of now.
func (q *queue) backlog(stats []processors.PartitionStats) (b Backlog) {
	unrouted := 0
	for _, batch := range q.waiting {
		unrouted += batch.Len()
	}
	if len(stats) == 0 { // it does not say
		b.Worst = float64(unrouted)
	}
	total := int64(0)
	for _, p := range stats {
		total += p.Records
	}
	for _, p := range stats {
		b.Worst = max(b.Worst, float64(p.QueuedRecords)+float64(unrouted)*share(p, total, len(stats)))
	}
	b.Age = q.age(time.Now())
	return b
}

// share is the part of the records that one of n partitions got so far.
func share(p processors.PartitionStats, total int64, n int) float64 {
	if total == 0 {
		return 1 / float64(n)
	}
	return float64(p.Records) / float64(total)
}

// Footprint estimates what a batch holds in memory while it waits, in bytes.
func Footprint(b *row.Batch) int64 { return footprint(b) }

// footprint estimates what a batch holds in memory, in bytes.
func footprint(b *row.Batch) int64 {
	const perRecord = 512 // metadata, columns, and what the control makes of it
	n := int64(b.Len()) * perRecord
	for i := range b.Len() {
		r := b.Record(i)
		n += int64(len(r.Key) + len(r.Value))
	}
	return n
}
