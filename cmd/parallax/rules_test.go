package main

import (
	"strings"
	"testing"

	"parallax/diff"
	"parallax/shadow/demo"
)

// TestSumsInAnotherOrderPassOnlyByARule runs the fault float-order without a rule, and
// under some that are right, run out, tell too little, or are hit too often.
func TestSumsInAnotherOrderPassOnlyByARule(t *testing.T) {
	rule := func(column string, change func(*diff.Rule)) diff.Rule {
		r := diff.Rule{Topic: "sums", Column: column, ULP: 16, Owner: "the team", Reason: "sums in another order", Expires: "2100-12-31", MaxRate: 1}
		if change != nil {
			change(&r)
		}
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		return r
	}
	both := func(change func(*diff.Rule)) []diff.Rule {
		return []diff.Rule{rule("total", change), rule("average", change)}
	}
	for _, c := range []struct {
		name  string
		rules []diff.Rule
		most  float64 // gate.max_tolerated
		code  int
		held  diff.Level
		why   string
	}{
		{"no rule", nil, 1, exitFail, diff.None, "root divergences at level E1 (value)"},
		{"rules for both columns", both(nil), 1, exitPass, diff.E1, "rules tolerated differences in"},
		{"a rule for one of them", []diff.Rule{rule("total", nil)}, 1, exitFail, diff.None, "(value)"},
		{"hit too often", both(func(r *diff.Rule) { r.MaxRate = 0.01 }), 1, exitInconclusive, diff.E1, "of the rows, 1 % are allowed"},
		{"run out", both(func(r *diff.Rule) { r.Expires = "2024-02-29" }), 1, exitInconclusive, diff.E1, "of the team expired on 2024-02-29"},
		{"too much by all together", both(nil), 0.05, exitInconclusive, diff.E1, "gate.max_tolerated allows 5 %"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, err := demo.New(demo.Options{Fault: "float-order", Records: 40_000, Partitions: 3, Strategy: "auto", Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			j := d.Job
			j.Rules, j.Policy.MaxTolerated = c.rules, c.most
			j.Policy.MinUnits, j.Policy.MaxProbability = 500, 0.01
			if err := d.Start(); err != nil {
				t.Fatal(err)
			}
			defer d.Stop()
			if err := d.Prepare(t.Context()); err != nil {
				t.Fatal(err)
			}
			result, err := d.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sum := summary(result)
			if sum.Code != c.code || sum.LevelHeld != c.held || !strings.Contains(sum.Reason, c.why) {
				t.Errorf("exit %d at %s: %s; want %d at %s: %s", sum.Code, sum.LevelHeld, sum.Reason, c.code, c.held, c.why)
			}
			if len(sum.Tolerated) != len(c.rules) {
				t.Fatalf("%d rules are told of, want %d", len(sum.Tolerated), len(c.rules))
			}
			for _, r := range sum.Tolerated {
				// A row with another difference is not tolerated, for none of its columns.
				if r.Rows == 0 || r.Of != sum.Outputs.V1 || r.Example == nil {
					t.Errorf("%+v", r)
				}
			}
			if c.code == exitFail {
				for _, sig := range sum.Signatures {
					if sig.Hypothesis != diff.FloatOrder {
						t.Errorf("a signature without a reason: %+v", sig)
					}
				}
			}
		})
	}
}
