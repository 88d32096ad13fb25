package candidate

import (
	"errors"
	"time"

	"parallax/processors/row"
	"parallax/shadow/guard"
)

// Detachment says from which batch on a candidate has nothing to say, and why.
type Detachment struct {
	Kind DetachKind
	From int64 // Seq of the first batch without an outcome
	Err  error
	At   time.Time
	// Unseen is the Seq of the first batch that the candidate was never given.
	Unseen int64
	// Given is the time that the candidate had had for each batch that it left
	// unfinished, by Seq.
	Given map[int64]time.Duration
}

// DetachKind is why a candidate is out.
type DetachKind uint8

const (
	// Failed: an error, a panic, or no progress within the deadline. The batch in which
	// it happened is v2_error, later ones are not comparable.
	Failed DetachKind = iota
	// Overloaded: the candidate was shed. No divergence; its batches are counted as shed.
	Overloaded
	// SwitchedOff: there is no candidate.
	SwitchedOff
)

func (k DetachKind) String() string {
	return [...]string{"failed", "shed", "off"}[k]
}

// IsCensored reports whether a batch without an outcome of the candidate ran out of time.
// In a candidate that failed by itself it did not; what came after the failure never
// began.
func (d *Detachment) IsCensored(b *row.Batch) bool {
	if d.Kind == Overloaded {
		return true
	}
	_, given := d.Given[b.Seq]
	return given && errors.Is(d.Err, ErrNoProgress)
}

// Detachment says why the candidate is out; nil while it is not.
func (c *Candidate) Detachment() *Detachment {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.left
}

// Shed detaches the candidate because there is too little left for it beside the control.
func (c *Candidate) Shed(reason error) { c.detach(Overloaded, reason) }

// WroteToInput detaches a candidate that wrote to its input, for good: another one would
// be given the control's next batches, and with them the means to harm the control again.
func (c *Candidate) WroteToInput(err error) {
	c.log.Error("V2 wrote to its input; it is detached and not started again", "error", err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.barred = true
	c.detachLocked(Failed, err)
}

// StayAway says that no other candidate may take the place of this one.
func (c *Candidate) StayAway() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.barred = true
}

// MayBeReplaced reports whether another candidate may take the place of this one once it
// is detached.
func (c *Candidate) MayBeReplaced() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.barred
}

// detach ends the candidate's part in the run, once.
func (c *Candidate) detach(kind DetachKind, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.detachLocked(kind, err)
}

func (c *Candidate) detachLocked(kind DetachKind, err error) {
	if c.state.isFinal() {
		return
	}
	err = guard.Redacted(err, c.redact)
	from, at := c.queue.next, "between batches"
	if b := c.queue.first(); b != nil {
		from, at = b.Seq, "in "+b.Describe()
	}
	c.left = &Detachment{Kind: kind, From: from, Err: err, At: time.Now(), Unseen: c.queue.next, Given: c.queue.given()}
	c.queue.clear()
	c.dropMarks()
	wasComing := c.state.isComing()
	if c.state == Held {
		c.hold.timer.Stop()
	}
	c.enter(Detached)
	if c.deadline != nil {
		c.deadline.Stop()
	}
	c.cancel()
	c.listener.Queued(0)
	if c.before != nil {
		// This one was held up by the one before, whose batches must not hold up another
		// one that comes back.
		c.before.detach(kind, err)
	}
	if wasComing && c.fills {
		c.log.Warn("V2 was not started again", "why", kind.String(), "error", err)
		c.listener.DidNotReturn(c.first)
	} else {
		c.log.Warn("V2 is detached; V1 continues", "why", kind.String(), "at", at, "error", err)
		c.listener.Detached(*c.left)
	}
	go c.end(c.processor)
}
