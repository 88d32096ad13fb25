package migration

import (
	"fmt"
	"strings"
	"time"

	"parallax/shadow/stage"
)

// Request asks for another stage.
type Request struct {
	// To is a stage, or next, back or release.
	To string
	// Who asks, and why.
	Who, Reason string
	// IsForced goes forward without the gate. It needs a reason.
	IsForced bool
}

// Refusal is why a request is refused.
type Refusal struct {
	// By is what is in the way, ByRequest for a request that makes no sense.
	By Obstacle
	// Detail says why, Do what to do about it.
	Detail, Do string
	// Missing is what the step needs.
	Missing []string
}

// ByRequest says that the request cannot be carried out in this stage.
const ByRequest Obstacle = "request"

func (r *Refusal) Error() string {
	if r.Do == "" {
		return r.Detail
	}
	return r.Detail + "; " + r.Do
}

func refuse(do, format string, args ...any) error {
	return &Refusal{By: ByRequest, Detail: fmt.Sprintf(format, args...), Do: do}
}

// Resolve returns the change that a request asks for, or a *Refusal.
func (p Policy) Resolve(s State, f Facts, r Request, now time.Time) (stage.Change, error) {
	c := stage.Change{From: s.Stage, At: now, Who: r.Who, Why: r.Reason, Run: f.Run, Strikes: s.Strikes, IsHeld: s.IsHeld, Position: -1}
	if r.IsForced && strings.TrimSpace(r.Reason) == "" {
		return c, refuse("say why, with --reason", "a forced change needs a reason, because every later report shows it")
	}
	var err error
	switch r.To {
	case "release":
		return p.release(s, c)
	case "next":
		i := p.Plan.After(s.Stage)
		if i < 0 {
			return c, refuse("", "%s is the last step of the plan", s.Stage)
		}
		c.To = p.Plan[i].Stage
	case "back":
		if s.Stage == c.To {
			return c, refuse("", "the job is in shadow, which is where the migration begins")
		}
	default:
		if c.To, err = stage.Parse(r.To); err != nil {
			return c, refuse("use next, back, release or a stage", "%v", err)
		}
	}
	c.Step = p.Plan.IndexOf(c.To)
	switch {
	case c.To == s.Stage:
		return c, refuse("", "the job is in %s already", s.Stage)
	case c.IsBack():
		if s.Stage.Kind == stage.Done && c.To.Kind != stage.Shadow {
			return c, refuse("use back", "the way back from done is to shadow, where V1 gets V2's state")
		}
		c.Why = orElse(c.Why, "asked for")
		return c, nil
	}
	return p.forward(s, f, r, c, now)
}

// release ends the hold.
func (p Policy) release(s State, c stage.Change) (stage.Change, error) {
	switch {
	case !s.IsHeld:
		return c, refuse("", "the migration is not held")
	case c.Why == "":
		return c, refuse("say why it may go on, with --reason", "a release needs a reason")
	}
	c.To, c.Step, c.Strikes, c.IsHeld = s.Stage, p.Plan.IndexOf(s.Stage), 0, false
	return c, nil
}

// forward asks the gate.
func (p Policy) forward(s State, f Facts, r Request, c stage.Change, now time.Time) (stage.Change, error) {
	if s.IsHeld {
		return c, &Refusal{
			By: ByHold, Detail: p.next(s, f, now, c.To).Missing[0],
			Do: "find out why, then release it: parallax stage JOB release --reason TEXT",
		}
	}
	if r.IsForced {
		c.IsForced = true
		return c, nil
	}
	if i := p.Plan.After(s.Stage); i >= 0 && p.Plan[i].Stage.IsBefore(c.To) {
		return c, refuse("go step by step, or add --force and --reason", "%s leaves out %s of the plan", c.To, p.Plan[i].Stage)
	}
	next := p.next(s, f, now, c.To)
	if next.By == "" {
		c.Verdict = f.Verdict.ID
		c.Why = orElse(c.Why, "the gate passes")
		return c, nil
	}
	return c, &Refusal{By: next.By, Detail: fmt.Sprintf("%s cannot be reached yet: %s", c.To, next.Missing[0]), Do: actions[next.By], Missing: next.Missing}
}

// actions are what to do about an obstacle.
var actions = map[Obstacle]string{
	ByFail:         "see parallax report JOB, mend V2 or accept the difference; --force --reason goes forward in spite of it",
	ByError:        "see parallax gate JOB",
	ByInconclusive: "wait, and see parallax stage JOB; --force --reason goes forward without it",
}
