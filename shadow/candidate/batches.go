package candidate

import (
	"context"
	"time"

	"parallax/processors"
	"parallax/processors/row"
)

// Offer hands the candidate a batch, and returns its footprint, 0 if it was not taken.
// Under shed it never waits: a queue that stays full for ShedAfter, or that holds more
// than mayWait, ends the candidate's part in the run. Under block it waits for room, at
// most until the deadline has detached the candidate.
func (c *Candidate) Offer(b *row.Batch) (bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queue.next = b.Seq
	c.endCrowdedHold()
	c.endCatchUp()
	if c.state.isOut() {
		return 0
	}
	bytes = footprint(b)
	for c.cfg.OnOverload == Block && !c.state.isOut() && (c.isFull() || c.isOverBudget(bytes)) {
		c.changed.Wait()
	}
	if c.state.isOut() {
		return 0
	}
	if reason := c.overloaded(bytes); reason != nil {
		c.detachLocked(Overloaded, reason)
		return 0
	}
	c.queue.add(b, bytes)
	if c.queue.len() == 1 {
		c.watch()
	}
	c.listener.Queued(c.queue.len())
	c.changed.Broadcast()
	return bytes
}

// take moves the next batch from the queue into flight; nil when there will be no more. The
// candidate's state is frozen at the marks before it.
func (c *Candidate) take(p processors.Processor) *row.Batch {
	for {
		b, isAtMark := c.takeNext()
		if !isAtMark {
			return b
		}
		c.freeze(p)
	}
}

// takeNext waits for what comes next: a batch, or a mark, for which all batches before must be
// finished; neither when there will be no more.
func (c *Candidate) takeNext() (b *row.Batch, isAtMark bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.state.isOut() {
		switch {
		case c.state == Held && !c.queue.closed:
		case c.isAtMark():
			if len(c.queue.inFlight) == 0 {
				c.freezing = true
				c.watch()
				return nil, true
			}
		case len(c.queue.waiting) > 0:
			b = c.queue.take()
			c.changed.Broadcast()
			return b, false
		case c.queue.closed:
			return nil, false
		}
		c.changed.Wait()
	}
	return nil, false
}

// process drives a processor that takes one batch at a time.
func (c *Candidate) process(ctx context.Context, p processors.Processor) error {
	for b := c.take(p); b != nil; b = c.take(p) {
		c.seal(b)
		o, err := p.Process(ctx, b)
		if err != nil {
			return err
		}
		if err := c.deliver(o); err != nil {
			return err
		}
	}
	return nil
}

// submit and collect drive a processor that works on several batches at once.
func (c *Candidate) submit(ctx context.Context, p processors.Pipeliner) error {
	for b := c.take(p); b != nil; b = c.take(p) {
		c.seal(b)
		if err := p.Submit(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

func (c *Candidate) collect(ctx context.Context, p processors.Pipeliner) error {
	for c.awaitFlight() {
		o, err := p.Next(ctx)
		if err != nil {
			return err
		}
		if err := c.deliver(o); err != nil {
			return err
		}
	}
	return nil
}

// awaitFlight waits until a batch is in flight; false when none will be.
func (c *Candidate) awaitFlight() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue.inFlight) == 0 && !c.state.isOut() && (!c.queue.closed || len(c.queue.waiting) > 0) {
		c.changed.Wait()
	}
	return !c.state.isOut() && len(c.queue.inFlight) > 0
}

// deliver accepts the outcome of the oldest batch in flight. What is wrong with it is the
// candidate's error. It checks without the lock, for which the control would wait.
func (c *Candidate) deliver(o *row.Outcome) error {
	now := time.Now()
	b := c.oldestInFlight()
	if b == nil {
		return nil // too late: the batch is in another bucket
	}
	if err := c.handover.Check(o, b); err != nil {
		return err
	}
	sum, err := c.unseal(b)
	if err != nil {
		c.WroteToInput(err)
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.isOut() {
		return nil
	}
	took := now.Sub(c.queue.begun(b)) // batches overlap: it runs from when the candidate could turn to this one
	c.queue.finish(now)
	c.watchRest()
	c.listener.Queued(c.queue.len())
	c.listener.Finished(Finished{Outcome: o, Took: took, Done: now, Sum: sum, By: c})
	c.endDrain()
	c.changed.Broadcast()
	return nil
}

// oldestInFlight is the batch that the candidate owes an outcome for next; nil where it
// is out.
func (c *Candidate) oldestInFlight() *row.Batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.isOut() {
		return nil
	}
	return c.queue.inFlight[0]
}
