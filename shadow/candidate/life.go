package candidate

import (
	"fmt"
	"slices"
)

// State is where a candidate is in its life.
type State uint8

// The states. A candidate that is there from the start of the run begins as Running, one
// that takes another one's place as Waiting.
const (
	// Waiting: its processor is not being made yet, since the candidate before it has to
	// finish first. Batches wait for it, and its deadline does not run.
	Waiting State = iota
	// Seeding: its processor is being made and given a state, within its deadline.
	// Batches wait for it.
	Seeding
	// CatchingUp: it works on what came while it was being seeded.
	CatchingUp
	// Running: it is given each batch.
	Running
	// Held: it finishes what it has begun, and what it is offered waits in its queue.
	Held
	// Draining: it is offered no more, and finishes what it has.
	Draining
	// Closed: it has finished all that it was offered.
	Closed
	// Detached: it is out before it finished. Something of it may still run, which can
	// do no more harm than hold memory.
	Detached
	// Ended: it was Detached, and nothing of it runs any more.
	Ended
)

func (s State) String() string {
	return [...]string{"waiting", "seeding", "catching up", "running", "held", "draining", "closed", "detached", "ended"}[s]
}

// transitions are the states that may follow a state.
var transitions = map[State][]State{
	Waiting:    {Seeding, Detached},
	Seeding:    {CatchingUp, Draining, Closed, Detached},
	CatchingUp: {Running, Draining, Closed, Detached},
	Running:    {Held, Draining, Closed, Detached},
	Held:       {Running, Detached},
	Draining:   {Closed, Detached},
	Detached:   {Ended},
}

// canBecome reports whether next may follow s.
func (s State) canBecome(next State) bool { return slices.Contains(transitions[s], next) }

// isComing reports whether the candidate has no processor yet.
func (s State) isComing() bool { return s == Waiting || s == Seeding }

// isBehind reports whether more batches than usual may wait for the candidate, because
// they came while it could not take them.
func (s State) isBehind() bool { return s == Seeding || s == CatchingUp }

// isOut reports whether the candidate was detached.
func (s State) isOut() bool { return s == Detached || s == Ended }

// isFinal reports whether the candidate makes no more outcomes: it has finished, or it was
// detached.
func (s State) isFinal() bool { return s == Closed || s.isOut() }

// enter makes next the candidate's state. A transition that the table does not have is an
// error of this package: the state stays, and the listener is given the error, which
// makes the run's verdict an error. Called with mu held.
func (c *Candidate) enter(next State) {
	if !c.state.canBecome(next) {
		c.listener.Broken(fmt.Errorf("the candidate cannot become %s while it is %s: this is an error in Parallax, report it", next, c.state))
		return
	}
	c.state = next
	c.changed.Broadcast()
}

// State returns the candidate's state of now.
func (c *Candidate) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Attached reports whether the candidate was not detached.
func (c *Candidate) Attached() bool { return !c.State().isOut() }

// IsComing reports whether the candidate is still to be given its state.
func (c *Candidate) IsComing() bool { return c.State().isComing() }
