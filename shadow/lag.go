package shadow

import (
	"context"
	"sync"
	"time"

	"parallax/processors/row"
	"parallax/shadow/candidate"
	"parallax/shadow/throughput"
)

// Lagger is a Source that knows how far it is behind its input. Lag returns how many
// records are left to the end of the input as far as that is known, and how many were
// read so far. Any goroutine may call it.
type Lagger interface {
	Lag() (left, read int64)
}

// lagPeriod is the time between two samples of the lag.
const lagPeriod = time.Second

// watchLag samples the source's lag until stop; it does nothing where the source does not
// know it.
func (r *Runner) watchLag(ctx context.Context) (stop func()) {
	source, ok := r.job.Source.(Lagger)
	if !ok {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(lagPeriod)
		defer tick.Stop()
		var before time.Duration
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				held := r.heldUp()
				left, read := source.Lag()
				r.lag.Observe(throughput.LagSample{At: now, Left: left, Read: read}, held > before)
				before = held
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// heldUp is how long the control's source has waited for the candidate so far: under
// on_overload: block it is throttled, and the candidate's queue may be full.
func (r *Runner) heldUp() time.Duration {
	return r.pressure.Read().Throttled.Std() + time.Duration(r.offering.Load())
}

// shortWait is the longest time of handing a batch to the candidate that does not count as waiting
// for room.
const shortWait = time.Millisecond

// offer hands a batch to the candidate, and notes how long the control waited for
// room under block.
func (r *Runner) offer(b *row.Batch) int64 {
	if r.job.Config.Candidate.OnOverload != candidate.Block {
		return r.candidate.Offer(b) // which never waits
	}
	begin := time.Now()
	bytes := r.candidate.Offer(b)
	if waited := time.Since(begin); waited > shortWait {
		r.offering.Add(int64(waited))
	}
	return bytes
}
