package shadow

import (
	"parallax/diff"
	"parallax/shadow/evidence"
)

// whyNotComparable says why the speeds of the two paths must not be compared; "" where
// they may.
func whyNotComparable(rep *evidence.Report) string {
	switch {
	case rep.V2Off:
		return "V2 is off"
	case rep.Broken != "":
		return "the comparison of the outputs failed"
	case rep.Diff.Roots() > 0 && len(rep.Diff.ByClass) == 1 && rep.Diff.ByClass[diff.StateClass] > 0:
		return "the states differ"
	case rep.Diff.Roots() > 0:
		return "the outputs differ"
	case rep.Detached != "":
		return "V2 was detached"
	case rep.Sampled:
		return "V2 was given some of the keys only"
	case rep.Processed() < rep.Ledger.Compared+rep.Ledger.Filtered:
		return "V2's partitions did not process what was compared"
	}
	return ""
}
