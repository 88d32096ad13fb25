package gate_test

import (
	"slices"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// TestOneOutputsEvidenceIsNotAnothers: a stateless output has 20,000 rows, which say
// nothing about another output that misses a minimum.
func TestOneOutputsEvidenceIsNotAnothers(t *testing.T) {
	for _, c := range []struct {
		name   string
		second diff.Output
		state  gate.State
		reason []string
	}{
		{"enough of both", diff.Output{LevelHeld: diff.E1, Rows: 50_000, Unit: diff.UnitKey, Units: 3_500, Keys: 3_500}, gate.Pass, []string{
			"19,900 records and 3,500 keys of totals, the output with the fewest, held E1; with 95 % confidence fewer than 0.0856 % of them diverge",
		}},
		{"three keys", diff.Output{LevelHeld: diff.E1, Rows: 50_000, Unit: diff.UnitKey, Units: 3, Keys: 3}, gate.Inconclusive, []string{
			"needs 2,997 more keys of totals (3 of 3,000, gate.min_units)",
			"totals has 3 distinct keys: gate.min_keys is 1,000; if the input has no more keys, set gate.min_keys: 3",
			"with 95 % confidence up to 63.2 % of the keys of totals may diverge, 0.1 % are allowed (gate.max_probability): needs 2,992 more",
		}},
		{"no row", diff.Output{Unit: diff.UnitKey}, gate.Inconclusive, []string{"no output row of totals was compared"}},
		{"windows that never closed", diff.Output{LevelHeld: diff.E1, Rows: 50_000, Unit: diff.UnitKeyWindow, Units: 3_500, Keys: 3_500}, gate.Inconclusive, []string{
			"no window of totals has closed",
		}},
		{"tolerated rows that are few only of all", diff.Output{LevelHeld: diff.E1, Rows: 4_000, ToleratedRows: 900, Unit: diff.UnitKey, Units: 3_500, Keys: 3_500}, gate.Inconclusive, []string{
			"rules tolerated 22.5 % of the rows of totals, gate.max_tolerated allows 5 %",
		}},
		{"a root divergence", diff.Output{LevelHeld: diff.E4, Root: 1, Rows: 4_000, Unit: diff.UnitKey, Units: 3_500, Keys: 3_500}, gate.Fail, []string{
			"1 root divergence at level E3 (value): 1 of totals",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.second.Topic = "totals"
			e := gate.Evidence{Report: evidence.Report{
				Ledger: diff.Ledger{Compared: 19_900}, Require: diff.E3, Candidate: good().Candidate, Sensitivity: good().Sensitivity,
				Diff: diff.Result{
					LevelHeld:   diff.E1,
					Outputs:     []diff.Output{{Topic: "large", LevelHeld: diff.E1, Rows: 20_000, Unit: diff.UnitRow, Units: 20_000}, c.second},
					Divergences: diff.Divergences{Root: c.second.Root},
				},
			}}
			if e.Diff.Root > 0 {
				e.Diff.ByClass = map[diff.Class]int64{diff.ValueClass: 1}
			}
			v := gate.Decide(gate.DefaultPolicy(), e)
			if v.State != c.state {
				t.Errorf("%s: %s; want %s", v.State, v.Reason, c.state)
			}
			reasons := strings.Split(v.Reason, "; ")
			for _, want := range c.reason {
				if !strings.Contains(v.Reason, want) {
					t.Errorf("the reason is %q, without %q", v.Reason, want)
				}
			}
			if slices.ContainsFunc(reasons, func(r string) bool { return strings.Contains(r, " of large") }) {
				t.Errorf("%q speaks of an output that has what it needs", v.Reason)
			}
		})
	}
}

func TestWithSeveralOutputsShortOfKeysTheLeastIsNamed(t *testing.T) {
	e := good()
	e.Diff.Outputs[0].Keys = 200
	other := e.Diff.Outputs[0]
	other.Topic, other.Keys = "by-hour", 40
	e.Diff.Outputs = append(e.Diff.Outputs, other)
	v := gate.Decide(gate.DefaultPolicy(), e)
	want := "by-minute has 200 distinct keys; by-hour has 40 distinct keys: gate.min_keys is 1,000; if the input has no more keys, set gate.min_keys: 40"
	if v.State != gate.Inconclusive || v.Reason != want {
		t.Errorf("%s: %s; want %s", v.State, v.Reason, want)
	}
}
