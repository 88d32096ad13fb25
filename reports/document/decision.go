package document

import (
	"parallax/reports"
	"parallax/reports/gate"
)

// Decision says in one sentence what the verdict means for V2.
func (d *Document) Decision() string {
	return Decision(gate.State(d.Summary.Verdict), d.Summary.Code, d.Summary.Records)
}

// Decision says in a sentence what a verdict with its code, on a number of records, means.
func Decision(verdict gate.State, code int, records int64) string {
	switch verdict {
	case gate.Pass:
		return "V2 may take over."
	case gate.Fail:
		if reports.IsOnlySlow(verdict, code) {
			return "V2 is right, and too slow to take over."
		}
		return "V2 must not take over: it differs from V1."
	case gate.Error:
		return "There is no verdict on V2: the run or the comparison failed."
	}
	if records == 0 {
		return "Nothing was compared."
	}
	return "Not decided yet: the evidence is not enough for a pass."
}
