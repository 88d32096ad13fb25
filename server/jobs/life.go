package jobs

import (
	"fmt"
	"slices"
	"time"

	"parallax/server/resource"
)

// life is the state of a job, with the reason and when it began.
type life struct {
	State  resource.State
	Reason string
	Since  time.Time
}

// follows are the states that may follow each state.
var follows = map[resource.State][]resource.State{
	resource.Starting: {resource.Waiting, resource.Running, resource.Draining, resource.Stopped, resource.Failed},
	resource.Waiting:  {resource.Running, resource.Draining, resource.Stopped, resource.Failed},
	resource.Running:  {resource.Waiting, resource.Draining, resource.Stopped, resource.Failed},
	resource.Draining: {resource.Starting, resource.Paused, resource.Stopped, resource.Failed},
	resource.Paused:   {resource.Starting, resource.Stopped},
	resource.Stopped:  {resource.Starting, resource.Paused},
	resource.Failed:   {resource.Starting, resource.Paused, resource.Stopped},
}

// to moves to another state. Staying in a state changes its reason only. The error says that
// the state cannot follow, which is a fault of this package.
func (l *life) to(s resource.State, reason string, now time.Time) error {
	if l.State == s {
		l.Reason = reason
		return nil
	}
	if !slices.Contains(follows[l.State], s) {
		return fmt.Errorf("a job cannot go from %s to %s", l.State, s)
	}
	*l = life{s, reason, now}
	return nil
}

// hasRun reports whether a run of the job is there in a state.
func hasRun(s resource.State) bool {
	switch s {
	case resource.Starting, resource.Waiting, resource.Running, resource.Draining:
		return true
	}
	return false
}
