package shadow

import (
	"errors"
	"time"

	"parallax/processors/row"
)

// censors reports whether a batch without an outcome of V2 ran out of time. A V2
// that failed by itself did not; what came after its failure never began.
func (d *detachment) censors(b *row.Batch) bool {
	if d.kind == overloaded {
		return true
	}
	_, given := d.given[b.Seq]
	return given && errors.Is(d.err, errNoProgress)
}

// given is the time that each unfinished batch of V2's has had by now. V2 serves
// the oldest; the others wait for it, whatever it does to them meanwhile. Called
// with mu held.
func (c *candidate) given() map[int64]time.Duration {
	given := map[int64]time.Duration{}
	for i, b := range append(c.inFlight[:len(c.inFlight):len(c.inFlight)], c.queue...) {
		given[b.Seq] = 0
		if i == 0 && len(c.inFlight) > 0 {
			given[b.Seq] = time.Since(c.begun(b))
		}
	}
	return given
}

// begun is when V2 could turn to a batch in flight: batches overlap, and one
// waits for those before it. Called with mu held.
func (c *candidate) begun(b *row.Batch) time.Time {
	if begin := c.started[b.Seq]; begin.After(c.lastDone) {
		return begin
	}
	return c.lastDone
}
