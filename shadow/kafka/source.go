package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// fetch has the decoded records of one topic-partition from one poll, or of a piece of it.
type fetch struct {
	at    row.TopicPartition
	chunk ingest.Chunk
	// next is the fetch position after it, stable the last stable offset, epoch the leader epoch
	// of its last record.
	next, stable int64
	epoch        int32
	gaps         int64
	came         time.Time
	err          error
	// rest is the part of the piece that cannot be decoded for now, and cannot is the reason. Both
	// are nil if all of it is decoded.
	rest   *piece
	cannot error
	// lane is the lane in which the topic-partition waits then; released says that it is empty.
	lane     *lane
	released bool
}

// Next returns the next batch of the input order. It returns io.EOF at the end
// of a bounded run, ctx.Err() if ctx ends first, and ErrAssignmentLost. While the task replays
// (see Replaying) the batches have committed before; the last of them ends where the replay does.
func (t *Task) Next(ctx context.Context) (*row.Batch, error) {
	for {
		if err := t.drain(); err != nil {
			return nil, err
		}
		if b := t.sequencer.Next(t.pace.Limit(t.cfg.Batch)); b != nil {
			t.took(b)
			t.journal.add(t.sequencer)
			return b, nil
		}
		if t.sequencer.IsStopped() {
			if err := t.endReplay(ctx); err != nil {
				return nil, err
			}
			continue
		}
		if t.opt.UntilEnd && t.sequencer.Done() {
			return t.end()
		}
		if err := t.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// Finish turns a live task into a bounded one: its input ends at the present last stable
// offsets. It may be called once, by any goroutine.
func (t *Task) Finish(ctx context.Context) error {
	ends, err := t.member.LastStable(ctx, t.member.topics)
	if err != nil {
		return err
	}
	t.ends <- ends
	return nil
}

// bound ends the input at given offsets.
func (t *Task) bound(ends map[row.TopicPartition]int64) {
	t.opt.UntilEnd = true
	for _, tp := range t.order {
		p := t.parts[tp]
		p.end = max(ends[tp], p.next)
		t.settle(tp)
	}
}

// end returns the flush batch, if the run has one, and then io.EOF.
func (t *Task) end() (*row.Batch, error) {
	if t.opt.Flush && !t.flushed {
		t.flushed, t.cameFirst = true, time.Time{}
		return t.sequencer.Flush(), nil
	}
	return nil, io.EOF
}

// drain accepts the fetches that are ready, without waiting. If a topic-partition holds more than
// kafka.hold, further fetches stay where they are.
func (t *Task) drain() error {
	for {
		fetched := t.fetched
		if t.sequencer.HeldMost() > t.cfg.Hold {
			fetched = nil
		}
		select {
		case <-t.lost:
			return ErrAssignmentLost
		case f := <-fetched:
			if err := t.accept(f); err != nil {
				return err
			}
		case ends := <-t.ends:
			t.bound(ends)
		default:
			return nil
		}
	}
}

// Waited returns how long Next has waited while no record was known to be left in the topics. If
// records are left, the wait is for the broker, the decoder or a CPU, and does not count. It is
// called by the goroutine that calls Next.
func (t *Task) Waited() time.Duration { return t.waited }

// caughtUp reports whether all records are fetched that are known to be in the topics.
func (t *Task) caughtUp() bool {
	for _, p := range t.parts {
		if p.next < p.end {
			return false
		}
	}
	return true
}

// wait waits for the next event: a fetch, a topic-partition that becomes idle, or the end of
// ctx.
func (t *Task) wait(ctx context.Context) error {
	if t.caughtUp() {
		begin := time.Now()
		defer func() { t.waited += time.Since(begin) }()
	}
	var idle <-chan time.Time
	if !t.opt.UntilEnd && !t.replaying.Load() { // none fell idle by the clock of now in what is replayed
		timer := time.NewTimer(t.untilIdle())
		defer timer.Stop()
		idle = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.lost:
		return ErrAssignmentLost
	case f := <-t.fetched:
		return t.accept(f)
	case ends := <-t.ends:
		t.bound(ends)
		return nil
	case now := <-idle:
		for _, tp := range t.order {
			if p := t.parts[tp]; now.Sub(p.lastData) >= t.cfg.Idle {
				t.sequencer.Idle(tp)
			}
		}
		return nil
	}
}

// untilIdle returns the time until the next topic-partition becomes idle.
func (t *Task) untilIdle() time.Duration {
	shortest := t.cfg.Idle
	for _, p := range t.parts {
		if left := t.cfg.Idle - time.Since(p.lastData); left > 0 {
			shortest = min(shortest, left)
		}
	}
	return shortest
}

// accept gives one fetch to the sequencer.
func (t *Task) accept(f fetch) error {
	if f.err != nil {
		if errors.Is(f.err, context.Canceled) {
			return nil
		}
		if err := t.isLost(); err != nil {
			return err // of which this may be the echo
		}
		return f.err
	}
	p := t.parts[f.at]
	if p == nil {
		return fmt.Errorf("records of %s/%d were fetched, which was not assigned to this job: if the topic has more partitions now, restart the job", f.at.Topic, f.at.Partition)
	}
	if f.released {
		t.released(f.at, p, f.lane)
		return nil
	}
	if f.rest != nil {
		p.lane = f.lane
		t.member.pause(f.at)
	}
	if t.opt.UntilEnd {
		f = cutAt(f, p.end)
	} else {
		p.end = max(p.end, f.stable)
	}
	p.next = f.next
	if f.epoch >= 0 {
		p.epoch.Store(f.epoch)
	}
	p.lastData = time.Now()
	t.stats.brokerGaps.Add(f.gaps)
	if len(f.chunk.Records) > 0 {
		p.arrivals = append(p.arrivals, arrival{next: f.next, at: f.came})
	}
	t.sequencer.Push(f.at, f.chunk)
	if !p.paused && t.sequencer.Held(f.at) > t.cfg.Hold {
		p.paused = true
		t.member.pause(f.at)
	}
	t.settle(f.at)
	return nil
}

// released resumes a topic-partition whose lane is empty.
func (t *Task) released(tp row.TopicPartition, p *position, from *lane) {
	if p.lane != from {
		return // it waits in another one by now
	}
	p.lane = nil
	if !p.paused && !p.ended {
		t.member.resume(tp)
	}
}

// cutAt drops the records of a fetch at the end of a bounded run or after it.
func cutAt(f fetch, end int64) fetch {
	if f.next <= end {
		return f
	}
	n := len(f.chunk.Records)
	for n > 0 && f.chunk.Records[n-1].Offset >= end {
		n--
	}
	if n < len(f.chunk.Records) {
		// The gaps after the cut cannot be told from those before: count again.
		first := f.next - int64(len(f.chunk.Records)) - f.gaps
		f.gaps = max(0, end-first-int64(n))
		f.chunk.Records = f.chunk.Records[:n]
	} else {
		f.gaps = max(0, f.gaps-(f.next-end))
	}
	f.next = end
	return f
}

// settle tells the sequencer whether a topic-partition has more records to come.
func (t *Task) settle(tp row.TopicPartition) {
	p := t.parts[tp]
	done := p.next >= p.end
	switch {
	case t.opt.UntilEnd && done && !p.ended:
		p.ended = true
		if t.opt.Flush {
			t.sequencer.End(tp)
		} else {
			t.sequencer.Halt(tp) // a later run continues it
		}
		t.member.pause(tp)
	case !t.opt.UntilEnd:
		t.sequencer.CaughtUp(tp, done)
	}
}

// took records the positions after a batch, and resumes paused topic-partitions.
func (t *Task) took(b *row.Batch) {
	t.cameFirst = time.Time{}
	if t.replaying.Load() {
		t.replayed.Add(int64(b.Len()))
	}
	for i := range b.Len() {
		r := b.Record(i)
		p := *t.places.At(r.TopicPartition)
		p.processed = r.Offset + 1
		t.cameFirst = earlier(t.cameFirst, p.arrivals.of(r.Offset))
	}
	for tp, p := range t.parts {
		if p.paused && p.lane == nil && !p.ended && t.sequencer.Held(tp) <= t.cfg.Hold/2 {
			p.paused = false
			t.member.resume(tp)
		}
	}
	t.measureLag()
}
