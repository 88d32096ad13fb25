package candidate

import (
	"errors"

	"parallax/processors"
	"parallax/processors/state"
)

// mark is a place between two batches at which the candidate's state is asked for.
type mark struct {
	// before is the Seq of the batch that follows it.
	before int64
	// answer takes the state, or the reason why there is none. It is called once, with the
	// candidate's lock held, and does not wait.
	answer func(*state.Frozen, error)
}

// ErrNotThere is the answer of a candidate that is out, which has no state.
var ErrNotThere = errors.New("V2 was detached")

// Mark asks for the candidate's state after the batches that it was offered so far. Once it
// has its processor and has finished these batches, it freezes its state, on its own
// goroutine and within its deadline, and continues. answer is called once and must not wait.
func (c *Candidate) Mark(answer func(*state.Frozen, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state.isFinal() {
		answer(nil, ErrNotThere)
		return
	}
	c.marks = append(c.marks, &mark{before: c.queue.next, answer: answer})
	c.changed.Broadcast()
}

// isAtMark reports whether the candidate must freeze its state before it is given another
// batch. Called with mu held.
func (c *Candidate) isAtMark() bool {
	return len(c.marks) > 0 && (len(c.queue.waiting) == 0 || c.queue.waiting[0].Seq >= c.marks[0].before)
}

// freeze answers the mark that the candidate has come to, on its goroutine. A panic in it is
// the candidate's.
func (c *Candidate) freeze(p processors.Processor) {
	frozen, err := processors.Freeze(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.freezing = false; c.state.isOut() {
		return // its marks were answered
	}
	c.marks[0].answer(frozen, err)
	c.marks = c.marks[1:]
	c.watchRest()
	c.endDrain()
	c.changed.Broadcast()
}

// dropMarks answers the marks of a candidate that is detached. Called with mu held.
func (c *Candidate) dropMarks() {
	for _, m := range c.marks {
		m.answer(nil, ErrNotThere)
	}
	c.marks = nil
}

// endDrain closes a candidate that gets no more batches, once it has finished those that it
// has. Called with mu held.
func (c *Candidate) endDrain() {
	if c.state == Draining && c.isIdle() {
		c.enter(Closed)
	}
}

// isIdle reports whether the candidate has neither batches nor marks before it.
func (c *Candidate) isIdle() bool { return c.queue.len() == 0 && len(c.marks) == 0 }

// FailedToList detaches a candidate whose frozen state could not be read.
func (c *Candidate) FailedToList(err error) { c.detach(Failed, err) }
