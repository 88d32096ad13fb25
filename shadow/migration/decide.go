package migration

import (
	"fmt"
	"time"

	"parallax/shadow/stage"
)

// Policy is what decides beside the facts.
type Policy struct{ Config }

// Verdict is the gate's verdict on the clean stretch.
type Verdict struct {
	// State is pass, fail, inconclusive or error.
	State  string
	ID     string
	Reason string
	// Needs are what a pass still needs.
	Needs []Need
}

// Need is something that is missing for a step forward.
type Need struct {
	// Text says it, as in "needs 1,412 more keys of totals".
	Text string
	// Takes estimates how long it will be missing; nil where that is not known.
	Takes *time.Duration
}

// Facts are what is known of a job now.
type Facts struct {
	// Run is the run of the evidence; "" before there is any.
	Run     string
	Verdict Verdict
	// Roots are the root divergences since the step began that no rule and no acceptance allows.
	Roots int64
	// RowsOfV2 are the rows of V2 that were emitted since the step began, as the evidence has them: of
	// all processes, but not yet those of the last seconds.
	RowsOfV2 int64
	// LedgerOpen says which records of the step were not compared, "" for none.
	LedgerOpen string
	// Unhealthy says why nothing can be said of V2 now: it is away, or evidence is not stored. ""
	// if all is well.
	Unhealthy string
}

// Decision is what to do now.
type Decision struct {
	// Back is the change back that the job makes by itself now; nil for none.
	Back *stage.Change
	// Next is the next step forward; nil at the end of the plan.
	Next *Next
	// IsForward: the job takes the next step by itself now.
	IsForward bool
}

// Next is the next step forward with what it still needs.
type Next struct {
	Step
	// Index is that of the step in the plan; -1 for a stage that the plan does not have.
	Index int
	// At is when the step may be taken at the earliest, by the least time in a stage and the
	// cooldown.
	At time.Time
	// Waits says what At waits for, "" if nothing.
	Waits string
	// Missing says what is missing, the most important first, and Waits last.
	Missing []string
	// By is what is in the way; "" if the step may be taken.
	By Obstacle
	// ETA estimates when nothing will be missing; nil where that is not known.
	ETA *time.Duration
}

// Obstacle is the kind of what is in the way of a step.
type Obstacle string

// The obstacles, the most important first.
const (
	ByHold         Obstacle = "held"         // a person has to release the migration
	ByFail         Obstacle = "fail"         // V2 diverged
	ByError        Obstacle = "error"        // the verdict is an error
	ByInconclusive Obstacle = "inconclusive" // evidence or time is missing
)

// Decide says what a job in a state should do.
func (p Policy) Decide(s State, f Facts, now time.Time) Decision {
	d := Decision{Back: p.back(s, f, now)}
	if i := p.Plan.After(s.Stage); i >= 0 {
		next := p.next(s, f, now, p.Plan[i].Stage)
		d.Next = &next
		d.IsForward = p.Auto && d.Back == nil && next.By == ""
	}
	return d
}

// fallbackPeriod is the time over which fallback episodes are counted.
const fallbackPeriod = 10 * time.Minute

// back returns the change back that the job has to make by itself, nil for none. The runner
// goes back by itself at once where it sees that V2 diverges, is detached, or that the comparison
// is blind: before a row of that batch is emitted.
func (p Policy) back(s State, f Facts, now time.Time) *stage.Change {
	if !s.Stage.IsVerified() {
		return nil
	}
	var episodes int
	for _, at := range s.Emission.FallbackTimes {
		if now.Sub(at) < fallbackPeriod {
			episodes++
		}
	}
	c := stage.Change{From: s.Stage, Run: f.Run, At: now}
	switch {
	case f.Roots > 0:
		c.Cause, c.Why = stage.Divergence, plural(f.Roots, "root divergence")
	case episodes > p.Rollback.MaxFallbacks:
		c.Cause = stage.Fallbacks
		c.Why = fmt.Sprintf("%s in %s, migration.rollback.max_fallbacks allows %d", plural(int64(episodes), "fallback episode"), Roughly(fallbackPeriod), p.Rollback.MaxFallbacks)
	default:
		return nil
	}
	c = p.GoesBack(s.Strikes, s.IsHeld, c)
	return &c
}

// next says what a step to a stage needs.
func (p Policy) next(s State, f Facts, now time.Time, to stage.Stage) Next {
	n := &needs{now: now, next: Next{Step: Step{Stage: to, MinTime: p.Plan.minTime(to)}, Index: p.Plan.IndexOf(to), At: now}}
	if s.IsHeld {
		why := ""
		if s.Last != nil && s.Last.Why != "" {
			why = ": " + s.Last.Why
		}
		n.add(ByHold, Need{Text: fmt.Sprintf("the migration is held after it went back %s by itself%s", plural(int64(s.Strikes), "time"), why)})
	}
	if s.DivergedRuns[f.Run] {
		n.add(ByFail, Need{Text: "V2 diverged in this run while its rows were to be emitted: mend V2, which begins another run"})
	}
	if s.Stage.IsVerified() && f.Roots > 0 {
		n.add(ByFail, Need{Text: plural(f.Roots, "root divergence") + " since the step began"})
	}
	n.verdict(f.Verdict)
	if s.Stage.IsVerified() {
		if f.LedgerOpen != "" {
			n.add(ByInconclusive, Need{Text: "the ledger of this step is not closed: " + f.LedgerOpen})
		}
		rows := max(s.Emission.RowsOfV2, f.RowsOfV2) // those of this process, and those that are stored
		if missing := p.MinRows - rows; missing > 0 {
			n.add(ByInconclusive, Need{
				Text:  fmt.Sprintf("needs %s more rows that V2 emitted (%s of %s, migration.min_rows)", thousands(missing), thousands(rows), thousands(p.MinRows)),
				Takes: proportional(missing, rows, now.Sub(s.Since)),
			})
		}
	}
	if f.Unhealthy != "" {
		n.add(ByInconclusive, Need{Text: f.Unhealthy})
	}
	p.wait(n, s)
	return n.finish()
}

// wait adds the times that must be over.
func (p Policy) wait(n *needs, s State) {
	minTime := p.Plan.minTime(s.Stage)
	if at := s.Since.Add(minTime); at.After(n.next.At) {
		n.next.At = at
		n.next.Waits = fmt.Sprintf("stays %s more in %s (%s by migration.plan)", Roughly(at.Sub(n.now)), s.Stage, Roughly(minTime))
	}
	if s.WentBack.IsZero() {
		return
	}
	if at := s.WentBack.Add(p.Rollback.Cooldown); at.After(n.next.At) {
		n.next.At = at
		n.next.Waits = fmt.Sprintf("stays %s more in %s after it went back by itself (%s by migration.rollback.cooldown)", Roughly(at.Sub(n.now)), s.Stage, Roughly(p.Rollback.Cooldown))
	}
}

// needs collects what is missing for a step.
type needs struct {
	now       time.Time
	next      Next
	eta       time.Duration
	isUnknown bool // the estimate
}

func (n *needs) add(by Obstacle, need Need) {
	if n.next.By == "" {
		n.next.By = by
	}
	n.next.Missing = append(n.next.Missing, need.Text)
	if need.Takes == nil || by != ByInconclusive {
		n.isUnknown = true
		return
	}
	n.eta = max(n.eta, *need.Takes)
}

func (n *needs) verdict(v Verdict) {
	switch v.State {
	case "pass":
	case "fail":
		n.add(ByFail, Need{Text: v.Reason})
	case "error":
		n.add(ByError, Need{Text: v.Reason})
	default:
		for _, need := range v.Needs {
			n.add(ByInconclusive, need)
		}
		if len(v.Needs) == 0 {
			n.add(ByInconclusive, Need{Text: orElse(v.Reason, "there is no verdict yet")})
		}
	}
}

// finish adds the time that must be over, and the estimate.
func (n *needs) finish() Next {
	next := n.next
	if next.Waits != "" {
		if next.By == "" {
			next.By = ByInconclusive
		}
		next.Missing = append(next.Missing, next.Waits)
	}
	if eta := max(n.eta, next.At.Sub(n.now)); !n.isUnknown {
		next.ETA = &eta
	}
	return next
}
