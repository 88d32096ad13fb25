package gate

import (
	"strings"

	"parallax/shadow/evidence"
)

// rule is a rule of the gate: what it requires, and the state of a verdict if it is broken.
type rule struct {
	number int
	name   string
	wants  string
	state  State
	// check returns why the rule is broken, nothing if it holds.
	check func(Policy, Evidence) []finding
}

// finding is a reason why a rule is broken.
type finding struct {
	text string
	// lack is the amount that is missing; nil where the reason is no amount.
	lack *Lack
	// isSaid: another rule gives the reason of the verdict.
	isSaid bool
}

// point is a point of the evidence over time.
type point = evidence.Point

// says makes a check of one that returns one sentence.
func says(check func(Policy, Evidence) string) func(Policy, Evidence) []finding {
	return func(p Policy, e Evidence) []finding {
		if text := check(p, e); text != "" {
			return []finding{{text: text}}
		}
		return nil
	}
}

// joined puts findings together: the reason, and the amounts that are missing.
func joined(found []finding) (reason string, lacks []Lack) {
	var texts []string
	for _, f := range found {
		texts = append(texts, f.text)
		if f.lack != nil {
			lacks = append(lacks, *f.lack)
		}
	}
	return strings.Join(texts, "; "), lacks
}

// rules, by priority: whether the evidence is of what is judged, then error before fail before
// inconclusive. The numbers are those in docs/EQUIVALENCE.md. The last rule is the performance
// gate.
var rules = []rule{
	{6, "same_run", "the evidence is of what the job is now: query, V1, V2, diff.rules", Inconclusive, says(otherRun)},
	{0, "run", "the run and its comparison did not fail", Error, says(func(_ Policy, e Evidence) string { return e.Broken })},
	{1, "ledger_sum", "each record is in exactly one bucket of the ledger", Error, says(gap)},
	{7, "sensitivity", "the comparison detected every injected difference, with the right class", Error, says(blind)},
	{2, "divergences", "no root divergence at the required level that is not accepted", Fail, says(divergences)},
	{2, "level", "each output holds the required level", Fail, belowLevel},
	{9, "states", "V2's state was equal to V1's at every checkpoint at which they were compared", Fail, says(statesDiffer)},
	{4, "input", "there are records", Inconclusive, says(empty)},
	{1, "evidence_complete", "no evidence is missing", Inconclusive, says(spansMissing)},
	{6, "fresh", "the newest evidence is less than 24 hours old", Inconclusive, says(stale)},
	{6, "v2_runs", "V2 runs, and was not detached", Inconclusive, says(v2Gone)},
	{6, "v2_kind", "the candidate is a V2", Inconclusive, says(noV2)},
	{6, "partitions", "gate.min_partitions of V2's partitions had records of each query", Inconclusive, says(fewPartitions)},
	{6, "routing", "V2 was not forced to split state", Inconclusive, says(forced)},
	{1, "ledger_closed", "no record is pending, v2_error, not_comparable or shed", Inconclusive, says(openLedger)},
	{6, "v2_work", "V2's partitions processed the records that were compared or filtered", Inconclusive, says(noWork)},
	{6, "rows", "rows of each output were compared", Inconclusive, says(noRows)},
	{7, "sensitivity_measured", "differences were injected into the comparison", Inconclusive, says(notProbed)},
	{3, "suppressions", "no rule and no acceptance has expired, and no rule tolerates more than its max_rate", Inconclusive, says(suppressed)},
	{3, "tolerated", "rules and acceptances together tolerate at most gate.max_tolerated of the rows of each output", Inconclusive, says(tolerated)},
	{4, "records", "gate.min_records records were compared or filtered", Inconclusive, fewRecords},
	{4, "late", "at most gate.max_late of the records were late for every window", Inconclusive, says(mostlyLate)},
	{4, "units", "each output has gate.min_units units", Inconclusive, fewUnits},
	{4, "keys", "each output with a key has gate.min_keys distinct keys", Inconclusive, says(fewKeys)},
	{4, "windows", "a window of each windowed output has closed", Inconclusive, says(noWindows)},
	{4, "strata", "each stratum of gate.strata has its minimum of rows", Inconclusive, fewOfStratum},
	{5, "event_time", "event time spans gate.min_event_time", Inconclusive, says(shortTime)},
	{6, "lag", "V1 keeps up with its input", Inconclusive, says(lagging)},
	{8, "probability", "with gate.confidence, at most gate.max_probability of the units of each output diverge", Inconclusive, notSureEnough},
	{0, "speed", "V2 is at most gate.max_slowdown slower than V1, if that is set", Inconclusive, says(speedUnknown)},
}
