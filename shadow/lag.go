package shadow

import (
	"context"
	"sync"
	"time"

	"parallax/processors/row"
)

// Lagger is a Source that knows how far it is behind its input. Lag returns how many
// records are left to the end of the input as far as that is known, and how many were
// read so far. Any goroutine may call it.
type Lagger interface {
	Lag() (left, read int64)
}

const (
	// lagWindow is the time that lagWatch looks back, lagWindowMin the least time that it
	// needs to judge, and lagPeriod the time between two samples.
	lagWindow    = 5 * time.Minute
	lagWindowMin = time.Minute
	lagPeriod    = time.Second
)

// lagSample is the lag at a time.
type lagSample struct {
	at         time.Time
	left, read int64
}

// lagWatch says whether V1 falls further and further behind its input. The zero value
// has seen nothing. It is safe for concurrent use and has no clock of its own.
type lagWatch struct {
	mu      sync.Mutex
	samples []lagSample // of at most lagWindow, the oldest first
}

// observe takes a sample. Where the source was held up for V2 since the one before, V1
// did not go as fast as it can, and what was seen so far is dropped.
func (w *lagWatch) observe(s lagSample, heldUp bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if heldUp {
		w.samples = w.samples[:0]
	}
	old := 0
	for old < len(w.samples) && s.at.Sub(w.samples[old].at) > lagWindow {
		old++
	}
	w.samples = append(w.samples[:0], w.samples[old:]...)
	w.samples = append(w.samples, s)
}

// isGrowing reports whether the least lag of the last fifth of the window is larger than
// the greatest of the first fifth, and than what comes in within a second.
func (w *lagWatch) isGrowing() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.samples) == 0 {
		return false
	}
	first, last := w.samples[0], w.samples[len(w.samples)-1]
	span := last.at.Sub(first.at)
	if span < lagWindowMin {
		return false
	}
	greatest, least := first.left, last.left
	for _, s := range w.samples {
		if s.at.Sub(first.at) <= span/5 {
			greatest = max(greatest, s.left)
		}
		if last.at.Sub(s.at) <= span/5 {
			least = min(least, s.left)
		}
	}
	cameIn := last.read - first.read + last.left - first.left
	return least > greatest && float64(least) > float64(cameIn)/span.Seconds()
}

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
				r.lag.observe(lagSample{at: now, left: left, read: read}, held > before)
				before = held
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// heldUp is how long V1's source has waited for V2 so far: under on_overload: block it is
// throttled, and V2's queue may be full.
func (r *Runner) heldUp() time.Duration {
	return r.pressure.read().Throttled + time.Duration(r.offering.Load())
}

// shortWait is what handing a batch to V2 may take without having waited for room.
const shortWait = time.Millisecond

// offer hands a batch to V2, and notes how long V1 waited for room under block.
func (r *Runner) offer(b *row.Batch) int64 {
	if r.job.Config.V2.OnOverload != Block {
		return r.candidate.offer(b) // which never waits
	}
	begin := time.Now()
	bytes := r.candidate.offer(b)
	if waited := time.Since(begin); waited > shortWait {
		r.offering.Add(int64(waited))
	}
	return bytes
}
