package bench

import (
	"context"
	"io"
	"time"

	"parallax/processors/row"
)

// feed is a source that repeats an input for a period, with its event times increased each
// time. With an interval it delivers a batch whenever one is due, even if the runner is not
// ready, so that a slow runner accumulates waiting batches. It decodes on the runner's
// goroutine.
type feed struct {
	cut      *cutter
	size     int
	clock    *clock
	interval time.Duration // between batches; 0 is as fast as they are taken
	lasts    time.Duration
	// batches ends the feed after so many batches instead; dues, which then has room for as many,
	// is when each was due.
	batches int
	dues    []time.Time

	start   time.Time
	due     time.Time // of the last batch
	waited  time.Duration
	seq     int64
	records int64
	at      int   // in the input
	moved   int64 // added to event times, in ms
	flushed bool
}

func (q *query) feed(in *Input, size int, interval, lasts time.Duration) (*feed, error) {
	cut, err := q.cutter(in)
	return &feed{cut: cut, size: size, clock: q.clock(), interval: interval, lasts: lasts}, err
}

// Next implements shadow.Source.
func (f *feed) Next(ctx context.Context) (*row.Batch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if f.start.IsZero() {
		f.start = time.Now()
	}
	if f.over() {
		if f.flushed {
			return nil, io.EOF
		}
		f.flushed = true
		return f.cut.q.flush(f.seq, int(f.records)), nil
	}
	if f.interval == 0 {
		f.due = time.Now()
	} else {
		due := f.start.Add(time.Duration(f.seq) * f.interval)
		f.waited += max(0, time.Until(due)) // oversleeping is not lack of input
		if err := sleepUntil(ctx, due); err != nil {
			return nil, err
		}
		f.due = due
	}
	if f.batches > 0 {
		f.dues = append(f.dues, f.due)
	}
	return f.batch()
}

// Waited implements shadow.Waiter.
func (f *feed) Waited() time.Duration { return f.waited }

// over reports whether the feed has lasted as long as it should: unless only a time is given, that is a
// number of batches.
func (f *feed) over() bool {
	if f.batches > 0 {
		return f.seq >= int64(f.batches)
	}
	if f.interval > 0 {
		return time.Duration(f.seq)*f.interval >= f.lasts
	}
	return time.Since(f.start) >= f.lasts
}

func sleepUntil(ctx context.Context, due time.Time) error {
	left := time.Until(due)
	if left <= 0 {
		return nil
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *feed) batch() (*row.Batch, error) {
	n := f.cut.in.Len()
	to := min(f.at+f.size, n)
	b, err := f.cut.decode(f.seq, f.at, to)
	if err != nil {
		return nil, err
	}
	b.First = f.records
	for i := range b.Len() {
		r := b.Record(i)
		r.Offset = f.records + int64(i)
		if r.State != row.Undecodable {
			r.EventTime += f.moved
		}
	}
	f.clock.tick(b)
	f.seq++
	f.records += int64(b.Len())
	if f.at = to; to == n {
		f.at = 0
		// Time continues as within the input, one millisecond for a record, so that windows
		// close one after the other.
		f.moved += int64(n)
	}
	return b, nil
}
