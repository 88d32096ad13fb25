package candidate

import (
	"time"

	"parallax/processors"
	"parallax/shadow/guard"
)

// currentProcessor is the processor itself; nil while it is on its way, and when it was
// left.
func (c *Candidate) currentProcessor() processors.Processor {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.processor
}

// Partitions are the processor's own counts; nil where it has none or cannot say.
func (c *Candidate) Partitions() []processors.PartitionStats {
	c.mu.Lock()
	p, last := c.processor, c.lastStats
	c.mu.Unlock()
	if p == nil {
		return last
	}
	return statsOf(p)
}

// Describe is the processor's own description; empty where it cannot say.
func (c *Candidate) Describe() processors.Description {
	c.mu.Lock()
	p, last := c.processor, c.lastWord
	c.mu.Unlock()
	if p == nil {
		return last
	}
	return describe(p)
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

// OldestAge is the largest age that an unfinished batch had, also where nobody could
// observe it: while the runner waited for the candidate.
func (c *Candidate) OldestAge() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queue.oldest
}

func statsOf(p processors.Processor) (stats []processors.PartitionStats) {
	defer func() {
		if recover() != nil {
			stats = nil
		}
	}()
	if m, ok := p.(processors.Meter); ok {
		return m.Partitions()
	}
	return nil
}

func describe(p processors.Processor) (d processors.Description) {
	defer guard.IgnorePanic()
	return p.Describe()
}
