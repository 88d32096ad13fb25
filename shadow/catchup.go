package shadow

import (
	"fmt"
	"time"
)

// catchUp is the way of a V2 that took another one's place to where V1 is: what
// came while it was being given its state waits, however many batches that are.
// It is V2's memory that bounds them, and that they have to become fewer.
type catchUp struct {
	going bool
	// fewest is how few batches have waited so far, since fewestAt.
	fewest   int
	fewestAt time.Time
}

// waiting is how many batches V2 has to catch up with, those included that are to
// be compared. Called with mu held.
func (c *candidate) waiting() int {
	return max(len(c.queue)+len(c.inFlight), c.comparer.backlog())
}

// endCatchUp ends it once no more waits than may wait at any time. Called with mu
// held, before a batch is offered.
func (c *candidate) endCatchUp() {
	if c.catchUp.going && !c.seeding && c.waiting() < c.cfg.Queue {
		c.catchUp.going = false
	}
}

// lagging says why a V2 that is to catch up must be shed: it does not. nil if it
// need not. Called with mu held.
func (c *candidate) lagging() error {
	n, now := c.waiting(), time.Now()
	if u := &c.catchUp; c.seeding || u.fewestAt.IsZero() || n < u.fewest {
		u.fewest, u.fewestAt = n, now
	}
	if stayed := now.Sub(c.catchUp.fewestAt); stayed >= c.cfg.ShedAfter {
		return fmt.Errorf("V2 does not catch up: %d batches wait for it, and there were no fewer than %d for %v", n, c.catchUp.fewest, stayed.Round(time.Millisecond))
	}
	return nil
}
