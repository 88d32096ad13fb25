package shadow

import (
	"fmt"
	"slices"
	"time"

	"parallax/processors"
	"parallax/shadow/guard"
)

// A goroutine cannot be ended from outside. A V2 that hangs keeps its goroutines and
// its copy of V1's state, so only a few V2s may be left behind in that way.

// leakEvery is how often a V2 that was closed is asked whether goroutines of its own
// still run.
const leakEvery = time.Second

// leaker is a V2 that knows how many of its goroutines still run after Close.
type leaker interface {
	Leaked() int
}

// end closes a V2 that was detached, nil for one that was not made yet, and notes when
// nothing of it runs any more. It calls V2, which may hang.
func (c *candidate) end(p processors.Processor) {
	if p != nil {
		c.leave(p)
	}
	c.running.Wait()
	if l, ok := p.(leaker); ok {
		for isLeaking(l) {
			time.Sleep(leakEvery)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
}

// isLeaking reports whether a V2 says that goroutines of its own still run.
func isLeaking(l leaker) (is bool) {
	defer guard.IgnorePanic()
	return l.Leaked() > 0
}

// hasEnded reports whether nothing of a V2 that was detached runs any more.
func (c *candidate) hasEnded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// stayAway says that no other V2 may take the place of this one.
func (c *candidate) stayAway() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.goneForGood = true
}

// leftBehind counts the detached V2s that still run, and those of them that are
// abandoned: they were given V2's deadline to end after they were detached, and did
// not. Any goroutine may ask.
func (r *Runner) leftBehind() (running, abandoned int) {
	r.seat.Lock()
	all := append(slices.Clone(r.former), r.candidate)
	r.seat.Unlock()
	for _, c := range all {
		gone, at := c.detachment()
		if gone == nil || c.hasEnded() {
			continue
		}
		running++
		if time.Since(at) >= c.cfg.Deadline {
			abandoned++
		}
	}
	return running, abandoned
}

// hasRoomForAnother reports whether fewer V2s than v2.max_abandoned still run after
// they were detached. Otherwise another one waits, as some may end yet. Once so many
// are abandoned, none comes back in this run.
func (r *Runner) hasRoomForAnother() bool {
	limit := r.job.Config.V2.MaxAbandoned
	running, abandoned := r.leftBehind()
	if abandoned >= limit {
		r.candidate.stayAway()
		why := fmt.Sprintf("V2 stays away until the job restarts: %d V2s were detached and still run with the memory that they hold (v2.max_abandoned: %d)", abandoned, limit)
		r.comparer.staysAway(why)
		r.job.Log.Warn(why, "what to do", "find why V2 hangs or does not close, correct it, and restart the job")
	}
	return running < limit
}
