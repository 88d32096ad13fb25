package candidate

import (
	"fmt"
	"time"

	"parallax/shadow/host"
)

// overload remembers since when the queue has been full.
type overload struct{ fullSince time.Time }

// room is how many batches the queue takes before the control would have to wait, or the
// candidate to be shed.
func (c *Candidate) room() int {
	if c.state == Held && c.cfg.OnOverload == Block {
		return 2 * c.cfg.Queue
	}
	return c.cfg.Queue
}

func (c *Candidate) isFull() bool { return c.queue.len() >= c.room() }

// waiting is how many batches the candidate has to catch up with, those included that are
// to be compared. Called with mu held.
func (c *Candidate) waiting() int {
	return max(c.queue.len(), c.comparison.Backlog())
}

// fewBatches may wait for the candidate however many bytes they hold: it works on several
// at once.
const fewBatches = 4

// mayWait is how many bytes may wait for the candidate and for the comparison with it.
// The control writes what waits, into memory that it would otherwise use again and again,
// and beyond the heap's slack into memory that the system has yet to find: so under shed
// a candidate that falls behind goes before. One that catches up may need all of its
// memory.
func (c *Candidate) mayWait() int64 {
	if c.cfg.OnOverload == Shed && !c.state.isBehind() && c.waiting() >= fewBatches {
		return min(c.cfg.Memory, host.HeapSlack) / 2
	}
	return c.cfg.Memory
}

// MayWait returns how many bytes may wait for the candidate before it is shed, or V1 waits.
func (c *Candidate) MayWait() int64 {
	if c.cfg.OnOverload == Shed {
		return min(c.cfg.Memory, host.HeapSlack) / 2
	}
	return c.cfg.Memory
}

// isOverBudget reports whether a batch is too much to wait for the candidate beside what
// does.
func (c *Candidate) isOverBudget(bytes int64) bool {
	if c.cfg.OnOverload == Block { // the control waits for the comparison elsewhere (see KeepUp)
		return c.queue.bytes+bytes > c.mayWait() && c.queue.len() > 0
	}
	return max(c.queue.bytes, c.comparison.HeldBytes())+bytes > c.mayWait() && c.waiting() > 0
}

// overloaded says why the candidate must be shed before it is given a batch; nil if it
// need not.
func (c *Candidate) overloaded(bytes int64) error {
	switch {
	case c.cfg.OnOverload == Block:
		return nil
	case c.isOverBudget(bytes):
		return fmt.Errorf("the batches that wait for V2 would hold more than %d MiB, their part of v2.memory", c.mayWait()>>20)
	case c.state.isBehind():
		return c.lagging()
	}
	if !c.isFull() && c.comparison.Backlog() < c.cfg.Queue {
		c.overload.fullSince = time.Time{}
		return nil
	}
	now := time.Now()
	if c.overload.fullSince.IsZero() {
		c.overload.fullSince = now
	}
	if stayed := now.Sub(c.overload.fullSince); stayed >= c.cfg.ShedAfter {
		return fmt.Errorf("V2's queue of %d batches has been full for %v", c.cfg.Queue, stayed.Round(time.Millisecond))
	}
	return nil
}

// KeepUp waits, under block, until the comparison is no further behind than a full queue.
func (c *Candidate) KeepUp() {
	if c.cfg.OnOverload == Block {
		if c.comparison.Backlog() >= c.cfg.Queue {
			c.Release()
		}
		c.comparison.WaitBelow(c.cfg.Queue)
	}
}
