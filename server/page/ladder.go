package page

import (
	"fmt"
	"time"

	"parallax/reports/look"
	"parallax/server/resource"
	"parallax/shadow/stage"
)

// ladder is a job's migration: its stages, where it is, and what the next step needs.
type ladder struct {
	resource.Stage
	Rungs []rung
	// Progress is how much of the step's minimum time is over, in per cent; -1 if there is none.
	Progress float64
	Left     string
	// StepText says which step of the plan it is, as step 2 of 4; "" if it is none.
	StepText string
	// IsStill says that the job does not run: its stage changes only while it does.
	IsStill bool
	// CanGo: the next step needs nothing more. CanGoBack: there is a stage before this one.
	CanGo, CanGoBack bool
	NeedsForce       bool
	ETA              string
	Missing          []string
	// Consumers says what consumers get.
	Consumers string
}

// rung is a stage of the ladder.
type rung struct {
	Name, Says, MinTime string
	// State is done, current, next or later.
	State string
}

func (p *Pages) ladder(s resource.Stage, state resource.State) ladder {
	l := ladder{Stage: s, Progress: -1, CanGoBack: s.Stage.Kind != stage.Shadow, Consumers: consumers(s), StepText: stepText(s)}
	switch state {
	case resource.Paused, resource.Stopped, resource.Failed:
		l.IsStill = true
	}
	l.Rungs = rungs(s)
	if s.Step >= 0 && s.Step < len(s.Plan) {
		if least := s.Plan[s.Step].MinTime; least > 0 && s.Next != nil {
			over := p.Now().Sub(s.Since)
			l.Progress = 100 * min(1, float64(over)/float64(least))
			if left := least - over; left > 0 {
				l.Left = span(left) + " of " + span(least) + " left"
			} else {
				l.Left = "its " + span(least) + " are over"
			}
		}
	}
	if n := s.Next; n != nil {
		l.CanGo = len(n.Missing) == 0 && !s.Held && !n.At.After(p.Now())
		l.NeedsForce = !l.CanGo
		for _, m := range n.Missing {
			l.Missing = append(l.Missing, look.Sentence(look.Text(m)))
		}
		switch {
		case l.CanGo:
		case n.ETASeconds != nil:
			l.ETA = span(time.Duration(*n.ETASeconds * float64(time.Second)))
		case !n.IsFail && n.At.After(p.Now()):
			l.ETA = span(n.At.Sub(p.Now()))
		}
	}
	return l
}

// stepText says which step of the plan a stage is. Steps are counted to the last one that is
// verified, as parallax stage does: done is what they lead to.
func stepText(s resource.Stage) string {
	of := 0
	for _, step := range s.Plan {
		if step.Stage.Kind != stage.Done {
			of++
		}
	}
	if s.Step < 0 || s.Step >= of {
		return ""
	}
	return fmt.Sprintf("step %d of %d", s.Step+1, of)
}

// rungs are the plan's stages with shadow before them; a stage that is not in the plan is put
// between those beside it.
func rungs(s resource.Stage) []rung {
	stages := []resource.PlanStep{{}}
	for _, step := range s.Plan {
		if step.Stage.Kind != stage.Shadow {
			stages = append(stages, step)
		}
	}
	isInPlan := false
	for _, step := range stages {
		isInPlan = isInPlan || step.Stage == s.Stage
	}
	if !isInPlan {
		at := len(stages)
		for i, step := range stages {
			if s.Stage.IsBefore(step.Stage) {
				at = i
				break
			}
		}
		stages = append(stages[:at], append([]resource.PlanStep{{Stage: s.Stage}}, stages[at:]...)...)
	}
	var list []rung
	for _, step := range stages {
		r := rung{Name: step.Stage.String(), Says: emits(step.Stage), State: "later"}
		if step.MinTime > 0 {
			r.MinTime = "at least " + span(step.MinTime)
		}
		switch {
		case step.Stage == s.Stage:
			r.State = "current"
		case step.Stage.IsBefore(s.Stage):
			r.State = "done"
		case s.Next != nil && step.Stage == s.Next.Stage:
			r.State = "next"
		}
		list = append(list, r)
	}
	return list
}

// emits says in a few words whose rows a stage emits.
func emits(s stage.Stage) string {
	switch s.Kind {
	case stage.Canary:
		return fmt.Sprintf("V2 for %v %% of the keys", s.Percent)
	case stage.Promoted:
		return "V2, verified by V1"
	case stage.Done:
		return "V2 alone"
	}
	return "V1; V2 is compared"
}

// consumers says what consumers get in a stage.
func consumers(s resource.Stage) string {
	verified := ", and each row is compared before it is emitted."
	if s.Level != nil {
		verified = fmt.Sprintf(", compared at %s before they are emitted.", s.Level)
	}
	switch s.Stage.Kind {
	case stage.Canary:
		return fmt.Sprintf("Consumers get V2's rows for %v %% of the keys and V1's for all others%s", s.Stage.Percent, verified)
	case stage.Promoted:
		return "Consumers get V2's rows" + verified
	case stage.Done:
		return "Consumers get V2's rows. V1 is off, and nothing is compared."
	}
	return "Consumers get V1's rows. V2's are compared with them afterwards."
}
