package shadow

import "parallax/shadow/throughput"

// whyNotComparable says why the speeds of the two paths must not be compared; "" where
// they may.
func whyNotComparable(rep *Report) string {
	switch {
	case rep.V2Off:
		return "V2 is off"
	case rep.Broken != nil:
		return "the comparison of the outputs failed"
	case rep.Diff.Roots() > 0:
		return "the outputs differ"
	case rep.Detached != "":
		return "V2 was detached"
	case rep.Sampled:
		return "V2 was given some of the keys only"
	case throughput.Processed(rep.Partitions) < rep.Ledger.Compared+rep.Ledger.Filtered:
		return "V2's partitions did not process what was compared"
	}
	return ""
}
