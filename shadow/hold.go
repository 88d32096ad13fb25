package shadow

import "time"

// holdMost is how long V2 is held at most: it loses nothing, but what it has to
// do waits, and its deadline goes on.
const holdMost = 250 * time.Millisecond

// Hold lets V2 finish what it has begun and gives it nothing more until release.
// What it is offered meanwhile waits in its queue, so V1 waits for nothing. A
// Hold ends by itself where V2's work has to go on: after holdMost, and when too
// much waits. It returns false where there is no V2 to hold, or one that catches up.
func (c *candidate) Hold() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.gone != nil || c.closed || c.catchUp.going {
		return false
	}
	c.heldSince = time.Now()
	c.holds = time.AfterFunc(min(holdMost, c.cfg.Deadline/4, c.cfg.ShedAfter/4), c.Release)
	return true
}

// Release ends a hold, if there is one.
func (c *candidate) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.releaseLocked()
}

func (c *candidate) releaseLocked() {
	if c.holds == nil {
		return
	}
	c.holds.Stop()
	c.holds = nil
	now := time.Now()
	for i := range c.offered { // what waits did not wait for V2
		at := c.offered[i].at
		if at.Before(c.heldSince) {
			at = c.heldSince
		}
		c.offered[i].at = c.offered[i].at.Add(now.Sub(at))
	}
	if c.gone == nil && len(c.inFlight) == 0 && len(c.queue) > 0 {
		c.watch() // it was not V2 that made no progress
	}
	c.changed.Broadcast()
}

// Held reports whether V2 is held now.
func (c *candidate) Held() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.holds != nil
}

// AtRest reports whether V2 is held and has finished all that it had begun, and
// the comparison with it.
func (c *candidate) AtRest() bool {
	c.mu.Lock()
	rest := c.holds != nil && len(c.inFlight) == 0
	c.mu.Unlock()
	return rest && c.comparer.atRest()
}

// Attached reports whether there is a V2.
func (c *candidate) Attached() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gone == nil
}

// room is how many batches V2's queue takes before V1 would have to wait, or V2
// to be shed.
func (c *candidate) room() int {
	if c.holds != nil && c.cfg.OnOverload == Block {
		return 2 * c.cfg.Queue
	}
	return c.cfg.Queue
}

// endCrowdedHold ends a hold for which anybody would wait, or V2 be shed: under
// block once V2's queue is twice as long as usual, under shed at half its usual
// length, so that V2 can catch up. Called with mu held, before a batch is
// offered.
func (c *candidate) endCrowdedHold() {
	limit := c.room()
	if c.cfg.OnOverload == Shed {
		limit /= 2
	}
	if len(c.queue)+len(c.inFlight) >= limit || c.bytes > c.cfg.Memory/2 {
		c.releaseLocked()
	}
}
