package candidate

import (
	"fmt"
	"time"
)

// catchUp watches a candidate that took another one's place on its way to where the
// control is: what came while it was being given its state waits, however many batches
// that are. It is the candidate's memory that bounds them, and that they have to become
// fewer.
type catchUp struct {
	// fewest is how few batches have waited so far, since fewestAt.
	fewest   int
	fewestAt time.Time
}

// endCatchUp ends it once no more waits than may wait at any time. Called with mu held,
// before a batch is offered.
func (c *Candidate) endCatchUp() {
	if c.state == CatchingUp && c.waiting() < c.cfg.Queue {
		c.enter(Running)
	}
}

// lagging says why a candidate that is to catch up must be shed: it does not. nil if it
// need not. Called with mu held.
func (c *Candidate) lagging() error {
	n, now := c.waiting(), time.Now()
	if u := &c.catchUp; c.state == Seeding || u.fewestAt.IsZero() || n < u.fewest {
		u.fewest, u.fewestAt = n, now
	}
	if stayed := now.Sub(c.catchUp.fewestAt); stayed >= c.cfg.ShedAfter {
		return fmt.Errorf("V2 does not catch up: %d batches wait for it, and at least %d have waited for %v", n, c.catchUp.fewest, stayed.Round(time.Millisecond))
	}
	return nil
}
