package explain

import (
	"context"
	"fmt"

	"parallax/diff"
)

// judge replays the smallest input with the oracle, and keeps the rows of all three.
func (e *explainer) judge(ctx context.Context, x *Explanation) error {
	c, err := newCollector(ctx, e.subject.Plan.Sinks())
	if err != nil {
		return err
	}
	t := trial{subject: e.subject, plan: e.subject.Plan, way: x.way, withOracle: true, withStates: true, keep: c.keep}
	r, err := t.run(ctx, x.records)
	if err != nil {
		return err
	}
	s, shown := e.target.find(r)
	if !shown {
		return fmt.Errorf("the smallest input showed %s once and does not show it again: V2 does not do the same each time", e.target.ID)
	}
	x.Signature = s
	x.Wrong, x.Opinion = opinion(t.wrong, s.Class)
	x.v1, x.v2, x.expected = c.text[diff.V1], c.text[diff.V2], c.text[2]
	x.Rows = c.differences()
	return nil
}

// opinion says which sides differ from the oracle.
func opinion(wrong [2]bool, class diff.Class) (who, sentence string) {
	switch {
	case wrong[diff.V1] && wrong[diff.V2]:
		return "both", "The oracle agrees with neither side: both are wrong, or the oracle is."
	case wrong[diff.V1]:
		return "v1", "The oracle agrees with V2: V1 is wrong."
	case wrong[diff.V2]:
		return "v2", "The oracle agrees with V1: V2 is wrong."
	}
	what := "V2 merely differs from V1 in what the oracle does not have"
	switch class {
	case diff.Routing:
		what = "V2 merely differs in the partitions that its rows come from"
	case diff.StateClass:
		what = "V2 differs in its state, which the oracle does not have; its rows may become wrong later"
	}
	return "neither", "The oracle's rows equal those of both sides: no row is wrong. " + what + "."
}
