package gate

import (
	"fmt"

	"parallax/shadow/evidence"
)

// fewestBatches is the smallest number of batches behind an interval.
const fewestBatches = 30

// The performance gate checks that V2 is not much slower than V1: that its speed is at
// least 1 - max_slowdown of V1's. It passes if the whole interval is above that, fails if
// the whole interval is below, and is undecided otherwise. It applies only if V2 is
// correct: an incorrect V2 fails for that reason.

// speedUnknown returns what the performance gate still needs for a decision.
func speedUnknown(p Policy, e Evidence) string {
	kind, s := e.Throughput.Judged()
	switch {
	case p.MaxSlowdown == nil || e.Ledger.Records() == 0:
		return ""
	case s.Why != "":
		return "the speeds are not comparable: " + s.Why
	case s.Batches < fewestBatches:
		return fmt.Sprintf("needs %d more batches to measure V2's speed (%d of %d)", fewestBatches-s.Batches, s.Batches, fewestBatches)
	case !s.CI95.IsKnown():
		return fmt.Sprintf("V2's speed is %.2f of V1's (%s), without a confidence interval: needs more records", s.Value, kind)
	case s.CI95[0] < floor(p) && s.CI95[1] >= floor(p):
		return fmt.Sprintf("V2's speed is %s of V1's, and at least %.2f is required: needs more records to decide", speed(kind, s), floor(p))
	}
	return ""
}

// tooSlow returns the reason if the performance gate fails.
func tooSlow(p Policy, e Evidence) string {
	kind, s := e.Throughput.Judged()
	if p.MaxSlowdown == nil || !s.CI95.IsKnown() || s.CI95[1] >= floor(p) {
		return ""
	}
	return fmt.Sprintf("V2 is right but too slow: its speed is %s of V1's, and at least %.2f is required", speed(kind, s), floor(p))
}

// fastEnough returns the reason if the performance gate passes.
func fastEnough(p Policy, e Evidence) string {
	if p.MaxSlowdown == nil {
		return ""
	}
	return fmt.Sprintf("V2's speed is %s of V1's, and at least %.2f is required", speed(e.Throughput.Judged()), floor(p))
}

func floor(p Policy) float64 { return 1 - *p.MaxSlowdown }

// speed describes V2's speed relative to V1's.
func speed(kind string, s evidence.Ratio) string {
	return fmt.Sprintf("%.2f (95 %% interval %.2f to %.2f, %s)", s.Value, s.CI95[0], s.CI95[1], kind)
}
