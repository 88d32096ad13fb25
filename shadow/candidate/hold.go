package candidate

import "time"

// holdMost is how long a candidate is held at most: it loses nothing, but what it has to
// do waits, and its deadline goes on.
const holdMost = 250 * time.Millisecond

// hold is a hold that goes on, while the candidate is Held.
type hold struct {
	timer *time.Timer // calls end
	end   func()
	since time.Time
	// number counts the holds: a timer that fired while its own hold was being ended must
	// not end the next one.
	number int
}

// Hold lets the candidate finish what it has begun and gives it nothing more until
// Release. What it is offered meanwhile waits in its queue, so the control waits for
// nothing. A hold ends by itself where the candidate's work has to go on: after holdMost,
// and when too much waits. It returns false where there is no candidate that runs and has
// caught up.
func (c *Candidate) Hold() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != Running {
		return false
	}
	c.enter(Held)
	c.hold.since = time.Now()
	c.hold.number++
	number := c.hold.number
	c.hold.end = func() { c.endHold(number) }
	c.hold.timer = time.AfterFunc(min(holdMost, c.cfg.Deadline/4, c.cfg.ShedAfter/4), c.hold.end)
	return true
}

// endHold ends the hold of that number, if it still goes on.
func (c *Candidate) endHold(number int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hold.number == number {
		c.releaseLocked()
	}
}

// Release ends a hold, if there is one.
func (c *Candidate) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.releaseLocked()
}

func (c *Candidate) releaseLocked() {
	if c.state != Held {
		return
	}
	c.hold.timer.Stop()
	c.enter(Running)
	c.queue.excuse(c.hold.since, time.Now()) // what waits did not wait for the candidate
	if len(c.queue.inFlight) == 0 && len(c.queue.waiting) > 0 {
		c.watch() // it was not the candidate that made no progress
	}
}

// Held reports whether the candidate is held now.
func (c *Candidate) Held() bool { return c.State() == Held }

// AtRest reports whether the candidate is held and has finished all that it had begun,
// and the comparison with it.
func (c *Candidate) AtRest() bool {
	c.mu.Lock()
	rest := c.state == Held && len(c.queue.inFlight) == 0 && !c.freezing
	c.mu.Unlock()
	return rest && c.comparison.IsAtRest()
}

// endCrowdedHold ends a hold before the control would wait for it, or the candidate be
// shed because of it: under block once the queue is twice as long as usual, under shed at
// half its usual length, so that the candidate can catch up. Called with mu held, before a
// batch is offered.
func (c *Candidate) endCrowdedHold() {
	limit := c.room()
	if c.cfg.OnOverload == Shed {
		limit /= 2
	}
	if c.queue.len() >= limit || c.queue.bytes > c.cfg.Memory/2 {
		c.releaseLocked()
	}
}
