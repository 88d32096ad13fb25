package shadow

import (
	"fmt"
	"slices"
	"time"

	"parallax/shadow/candidate"
)

// leftBehind counts the detached V2s that still run, and those of them that are
// abandoned: they were given the candidate's deadline to end after they were detached, and did
// not. Any goroutine may ask.
func (r *Runner) leftBehind() (running, abandoned int) {
	r.seat.Lock()
	all := append(slices.Clone(r.former), r.candidate)
	r.seat.Unlock()
	for _, c := range all {
		if c.State() != candidate.Detached {
			continue
		}
		running++
		if time.Since(c.Detachment().At) >= r.job.Config.Candidate.Deadline {
			abandoned++
		}
	}
	return running, abandoned
}

// hasRoomForAnother reports whether fewer V2s than v2.max_abandoned still run after
// they were detached. Otherwise another one waits, as some may end yet. Once so many
// are abandoned, none comes back in this run.
func (r *Runner) hasRoomForAnother() bool {
	limit := r.job.Config.Candidate.MaxAbandoned
	running, abandoned := r.leftBehind()
	if abandoned >= limit {
		r.candidate.StayAway()
		why := fmt.Sprintf("V2 stays away until the job restarts: %d V2s were detached and still run with the memory that they hold (v2.max_abandoned: %d)", abandoned, limit)
		r.comparer.staysAway(why)
		r.job.Log.Warn(why, "what to do", "find why V2 hangs or does not close, correct it, and restart the job")
	}
	return running < limit
}
