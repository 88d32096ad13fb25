package explain

import (
	"context"
	"fmt"

	"parallax/diff"
)

// repeats is how often the smallest input is replayed, to see whether V2 does the same each
// time.
const repeats = 10

// judge replays the smallest input with the oracle, and keeps the rows of all three.
func (e *explainer) judge(ctx context.Context, x *Explanation) error {
	shown, judged := 0, false
	for range repeats {
		c, err := newCollector(ctx, e.subject.Plan.Sinks())
		if err != nil {
			return err
		}
		t := trial{subject: e.subject, plan: e.subject.Plan, way: x.way, withOracle: true, withStates: true, keep: c.keep}
		r, err := t.run(ctx, x.records)
		if err != nil {
			return err
		}
		s, shows := e.target.find(r)
		if shows {
			shown++
		}
		if shows && !judged || x.v1 == nil {
			judged = shows
			if shows {
				x.Signature = s
			}
			x.Wrong, x.Opinion = opinion(t.wrong, x.Signature.Class)
			x.v1, x.v2, x.expected = c.text[diff.V1], c.text[diff.V2], c.text[2]
			x.Rows = c.differences()
		}
		if e.isHung(x) {
			return nil // each replay takes as long as V2's deadline
		}
	}
	if shown < repeats {
		x.More = append(x.More, fmt.Sprintf("V2 does not do the same each time: %d of %d replays of the smallest input show it. Look for a race.", shown, repeats))
	}
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
