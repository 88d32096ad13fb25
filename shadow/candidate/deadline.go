package candidate

import (
	"fmt"
	"time"

	"parallax/shadow/guard"
)

// ErrNoProgress is the candidate missing its deadline.
const ErrNoProgress = guard.Sentinel("no progress on its oldest unfinished batch")

// watch restarts the deadline. Called with mu held, when the candidate makes progress and
// when it gets work after it had none. The deadline does not run while the candidate
// waits for its predecessor.
func (c *Candidate) watch() {
	if c.state == Waiting {
		return
	}
	c.queue.lastDone = time.Now()
	if c.deadline == nil {
		c.deadline = time.AfterFunc(c.cfg.Deadline, c.missed)
		return
	}
	c.deadline.Reset(c.cfg.Deadline)
}

// missed detaches the candidate because its deadline has passed.
func (c *Candidate) missed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	err := fmt.Errorf("%w for %v", ErrNoProgress, c.cfg.Deadline)
	if c.state == Seeding {
		err = fmt.Errorf("%w: its constructor or its Restore did not return", err)
	}
	c.detachLocked(Failed, err)
}

// watchRest restarts the deadline for the batches that are left, and stops it if there are
// none. Called with mu held, when the candidate has finished something.
func (c *Candidate) watchRest() {
	switch {
	case c.queue.len() > 0:
		c.watch()
	case c.deadline != nil:
		c.deadline.Stop()
	}
}
