package shadow

import (
	"errors"
	"time"

	"parallax/processors/row"
)

// Censored counts the batches of which only is known that V2 took longer than
// they were given: those that it was shed with or without ever getting them, and
// those that it had when it missed its deadline. They are in no ratio, since
// they have no time, but never dropped: each is counted, and the time that it
// had had is among V2's service times.
type Censored struct {
	Batches, Records int64
	// Waited is the longest time that one of them had had when V2 was given up.
	Waited time.Duration
}

// censors reports whether a batch without an outcome of V2 ran out of time. A V2
// that failed by itself did not; what came after its failure never began.
func (d *detachment) censors(b *row.Batch) bool {
	if d.kind == overloaded {
		return true
	}
	_, given := d.given[b.Seq]
	return given && errors.Is(d.err, errNoProgress)
}

func (p *pairedTimes) censor(b *row.Batch, had time.Duration) {
	p.censored.Batches++
	p.censored.Records += int64(b.Len())
	p.censored.Waited = max(p.censored.Waited, had)
	p.service[pathV2].atLeast = true
	if had > 0 { // one that V2 had not begun shows nothing on its speed
		p.service[pathV2].record(had)
	}
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
