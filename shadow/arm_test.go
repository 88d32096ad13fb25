package shadow_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
)

// limited is a path that does not give everything: it takes what it does not give out of
// its outcomes.
type limited struct {
	path
	gives processors.Capabilities
}

func (p *limited) Capabilities() processors.Capabilities { return p.gives }

func (p *limited) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	o, err := p.path.Process(ctx, b)
	if err != nil {
		return nil, err
	}
	if !p.gives.Dispositions {
		o.Dispositions = nil
	}
	if !p.gives.Cause {
		for i := range o.Changes {
			o.Changes[i].Cause = -1
		}
	}
	return o, nil
}

// A job that requires a level that cannot be shown of its V2 does not start; at a lower
// level it runs, and holds no more than what can be shown.
func TestAnArmIsComparedNoHigherThanWhatItGives(t *testing.T) {
	all := processors.Capabilities{Cause: true, Dispositions: true, Order: true, PortableState: true}
	for name, c := range map[string]struct {
		take func(*processors.Capabilities)
		want diff.Level
		why  string
	}{
		"causes":       {func(g *processors.Capabilities) { g.Cause = false }, diff.E4, "its rows do not name the records that caused them"},
		"dispositions": {func(g *processors.Capabilities) { g.Dispositions = false }, diff.E3r, "it does not return each record's disposition"},
		"order":        {func(g *processors.Capabilities) { g.Order = false }, diff.E2, "its rows are not in the total order"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gives := all
				c.take(&gives)
				out := &output{}
				j := job(newInput(4), out, &path{}, nil, config())
				j.Candidate = func() (processors.Processor, error) { return &limited{gives: gives}, nil }
				_, err := run(t, t.Context(), j)
				if err == nil || !strings.Contains(err.Error(), "V2 (fake) cannot be compared at E1, which diff.require_level demands: "+c.why) || len(out.committed) != 0 {
					t.Errorf("at E1: %v, %d rows and offsets", err, len(out.committed))
				}
				j.Source, j.RequireLevel = newInput(4), c.want
				rep, err := run(t, t.Context(), j)
				if err != nil || rep.Detached != "" || rep.Diff.Root != 0 || rep.Diff.LevelHeld != c.want || rep.Diff.Outputs[0].LevelHeld != c.want {
					t.Errorf("at %s: %v, detached %q, %d roots, %s held", c.want, err, rep.Detached, rep.Diff.Root, rep.Diff.LevelHeld)
				}
			})
		})
	}
}
