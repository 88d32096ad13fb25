package migration

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"parallax/shadow/stage"
)

// Step is a step of a plan: a stage, and how long the job stays in it at least.
type Step struct {
	Stage   stage.Stage
	MinTime time.Duration
}

// String writes what UnmarshalText reads.
func (s Step) String() string {
	if s.MinTime == 0 {
		return s.Stage.String()
	}
	return s.Stage.String() + " " + shortest(s.MinTime)
}

// MarshalText is String.
func (s Step) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a stage and a duration, as in "canary:5 1h"; without a duration the job
// may leave the stage at once.
func (s *Step) UnmarshalText(text []byte) error {
	fields := strings.Fields(string(text))
	if len(fields) == 0 || len(fields) > 2 {
		return fmt.Errorf("%q is not a step; write a stage and the least time in it, such as canary:5 1h", text)
	}
	var step Step
	var err error
	if step.Stage, err = stage.Parse(fields[0]); err != nil {
		return err
	}
	if len(fields) == 2 {
		step.MinTime, err = time.ParseDuration(fields[1])
		if err != nil || step.MinTime < 0 {
			return fmt.Errorf("%q: invalid duration %q; write a number and a unit, such as 10m or 24h", text, fields[1])
		}
	}
	*s = step
	return nil
}

// shortest writes a duration without the units that are 0: 1h, not 1h0m0s.
func shortest(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Plan is the steps of a migration in their order. The stage shadow is before the first one
// where the plan does not begin with it.
type Plan []Step

// MarshalText separates the steps by commas.
func (p Plan) MarshalText() ([]byte, error) {
	var list []string
	for _, s := range p {
		list = append(list, s.String())
	}
	return []byte(strings.Join(list, ", ")), nil
}

// validate returns why a plan cannot be followed.
func (p Plan) validate() error {
	if len(p) == 0 {
		return errors.New("it has no step")
	}
	for i, s := range p {
		switch {
		case i > 0 && !p[i-1].Stage.IsBefore(s.Stage):
			return fmt.Errorf("%s does not come after %s: each step must give V2 more than the one before", s.Stage, p[i-1].Stage)
		case s.Stage.Kind == stage.Done && s.MinTime > 0:
			return errors.New("done has no least time, because nothing comes after it")
		}
	}
	return nil
}

// IndexOf returns the index of a stage's step, -1 if the plan does not have it.
func (p Plan) IndexOf(s stage.Stage) int {
	return slices.IndexFunc(p, func(step Step) bool { return step.Stage == s })
}

// After returns the index of the first step after a stage, -1 at the end of the plan.
func (p Plan) After(s stage.Stage) int {
	return slices.IndexFunc(p, func(step Step) bool { return s.IsBefore(step.Stage) })
}

// minTime is how long the job stays in a stage at least.
func (p Plan) minTime(s stage.Stage) time.Duration {
	if i := p.IndexOf(s); i >= 0 {
		return p[i].MinTime
	}
	return 0
}

// Position says where a stage is in the plan: the number of its step and the number of steps
// before the migration is done; 0 for a stage that the plan does not have, and for done.
func (p Plan) Position(s stage.Stage) (number, of int) {
	of = len(p)
	if of > 0 && p[of-1].Stage.Kind == stage.Done {
		of--
	}
	if i := p.IndexOf(s); i >= 0 && i < of {
		number = i + 1
	}
	return number, of
}
