package migration

import (
	"fmt"
	"time"

	"parallax/shadow/stage"
)

// mostStrikes is how often the job goes back by itself until it is held.
const mostStrikes = 3

// parallax is who changes the stage where no person does.
const parallax = "parallax"

// State is where a migration is.
type State struct {
	stage.Status
	// WentBack is the last time that the job went back by itself; the zero time if it never did.
	WentBack time.Time
	// DivergedRuns are the runs in which V2's rows diverged while they were, or would have been,
	// emitted.
	DivergedRuns map[string]bool
}

// Recall adds to a state what the history of changes says: the oldest first.
func (s State) Recall(history []stage.Change) State {
	s.DivergedRuns = map[string]bool{}
	for i := range history {
		s.recall(&history[i])
	}
	if s.Last != nil { // the journal's, which the history may not have
		s.recall(s.Last)
	}
	return s
}

func (s *State) recall(c *stage.Change) {
	if !c.IsAutomatic || !c.IsBack() || c.Cause == stage.Changed {
		return
	}
	if c.At.After(s.WentBack) {
		s.WentBack = c.At
	}
	if c.Cause == stage.Divergence {
		s.DivergedRuns[c.Run] = true
	}
}

// GoesBack completes a change back that the job makes by itself, after a number of strikes: the
// third one holds the migration.
func (p Policy) GoesBack(strikes int, isHeld bool, c stage.Change) stage.Change {
	c.To = stage.Stage{}
	c.Step = p.Plan.IndexOf(c.To)
	c.Who, c.IsAutomatic = parallax, true
	c.Strikes, c.IsHeld = strikes, isHeld
	if c.Cause == stage.Changed {
		if !isHeld {
			c.Strikes = 0 // what went wrong was of another V2
		}
		return c
	}
	c.Strikes++
	if c.Strikes >= mostStrikes && !c.IsHeld {
		c.IsHeld = true
		c.Why = fmt.Sprintf("%s; this is the %s time, so the migration is held until it is released", c.Why, ordinal(c.Strikes))
	}
	return c
}

func ordinal(n int) string {
	switch n {
	case 1:
		return "first"
	case 2:
		return "second"
	case 3:
		return "third"
	}
	return fmt.Sprintf("%dth", n)
}
