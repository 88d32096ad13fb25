package reports_test

import (
	"strings"
	"testing"

	"parallax/diff"
	"parallax/reports"
	"parallax/shadow/evidence"
)

func TestTheTextShowsStatesThatDiffer(t *testing.T) {
	example := diff.Example{State: &diff.StateDifference{Stage: "TOTALS", Position: 12_000, Entries: 2, Keys: []diff.StateKey{{Key: "K=a", V1: "N=1", V2: "(none)"}}}}
	for name, c := range map[string]struct {
		states evidence.StateComparisons
		list   []diff.Signature
		want   []string
	}{
		"equal": {states: evidence.StateComparisons{Equal: 1_234}, want: []string{"states compared        1,234  checkpoints, 1,234 equal\n"}},
		"none":  {states: evidence.StateComparisons{Why: "state is off"}, want: []string{"states compared         none  state is off\n"}},
		"some":  {states: evidence.StateComparisons{Equal: 2, NotCompared: 3, Why: "V2 was behind"}, want: []string{"2  checkpoints, 2 equal, 3 more not compared: V2 was behind\n"}},
		"different": {
			states: evidence.StateComparisons{Differing: 1}, list: []diff.Signature{{ID: "x", Class: diff.StateClass, Topic: "out", Example: example}},
			want: []string{"1  checkpoints, 0 equal\n", "state in out\n", "    state       of TOTALS after 12,000 records: 2 entries that only one side has\n", "    key         K=a\n      V1        N=1\n      V2        (none)\n"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			if err := reports.Text(&b, reports.Summary{States: c.states, Signatures: c.list}); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("no %q in\n%s", want, b.String())
				}
			}
		})
	}
}
