package candidate

import (
	"time"

	"parallax/processors"
)

// currentProcessor is the processor itself; nil while it is on its way, and when it was
// left.
func (c *Candidate) currentProcessor() processors.Processor {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.processor
}

// Partitions are the processor's own counts of now; nil where it has none or cannot say. If
// the processor hangs in that, they are its last ones.
func (c *Candidate) Partitions() []processors.PartitionStats { return c.stats.answer() }

// LatestPartitions are the last counts that the processor gave. It never waits, and has
// the processor asked for the next ones: it is for the control's goroutine.
func (c *Candidate) LatestPartitions() []processors.PartitionStats { return c.stats.latest() }

// Describe is the processor's own description; empty where it cannot say. If the processor
// hangs in that, it is its last one.
func (c *Candidate) Describe() processors.Description { return c.word.answer() }

// ask makes p the processor that is asked about itself.
func (c *Candidate) ask(p processors.Processor) {
	c.word.begin(p.Describe)
	if m, ok := p.(processors.Meter); ok {
		c.stats.begin(m.Partitions)
		c.stats.latest() // the control's goroutine, which does not wait, finds an answer
	}
}

// Backlog is what the candidate has before it now. stats are its own counts of now. ok is
// false where that says nothing of it: while it is held.
func (c *Candidate) Backlog(stats []processors.PartitionStats) (b Backlog, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state == Held:
		return b, false
	case c.state.isOut():
		return b, true
	}
	return c.queue.backlog(stats), true
}

// OldestAge is the largest age that an unfinished batch had, also while the runner waited
// for the candidate and so did not observe the pressure.
func (c *Candidate) OldestAge() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queue.oldest
}
