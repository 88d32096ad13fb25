package diff_test

import (
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors/row"
)

// ruled compares two sides with rules, in one batch each.
func ruled(v1, v2 [][]row.Change, rules ...diff.Rule) diff.Result {
	d := diff.New([]*row.Sink{sink()}, diff.Options{Rules: rules})
	for i := range v1 {
		b := batch(i)
		d.Compare(outcome(b, v1[i]), outcome(b, v2[i]))
	}
	return d.Result()
}

func allowing(change func(*diff.Rule)) diff.Rule {
	r := within(0)
	change(&r)
	return r
}

func TestWhatARuleAllowsIsNoDivergence(t *testing.T) {
	ulp := within(4)
	abs := allowing(func(r *diff.Rule) { r.Absolute = 0.5 })
	rel := allowing(func(r *diff.Rule) { r.Relative = 0.01 })
	ignore := allowing(func(r *diff.Rule) { r.Ignore = true })
	clock := allowing(func(r *diff.Rule) { r.Column, r.Time = "timestamp", 5*time.Millisecond })
	for _, c := range []struct {
		name     string
		one, two string
		rules    []diff.Rule
		ok       bool
	}{
		{"units in the last place", "0 0 a 0.3d 10", "0 0 a 0.30000000000000004d 10", []diff.Rule{ulp}, true},
		{"too many units", "0 0 a 0.3d 10", "0 0 a 0.30000000000001d 10", []diff.Rule{ulp}, false},
		{"NaN is no number", "0 0 a 0.3d 10", "0 0 a NaNd 10", []diff.Rule{ulp}, false},
		{"infinity is no number", "0 0 a 0.3d 10", "0 0 a +Infd 10", []diff.Rule{abs}, false},
		{"an absolute difference", "0 0 a 10 10", "0 0 a 10 10", []diff.Rule{abs}, true},
		{"of DECIMALs", "0 0 a 1.50 10", "0 0 a 2.00 10", []diff.Rule{abs}, true},
		{"too large a one", "0 0 a 1.50 10", "0 0 a 2.01 10", []diff.Rule{abs}, false},
		{"a relative difference", "0 0 a 1000 10", "0 0 a 1010 10", []diff.Rule{rel}, true},
		{"too large a relative one", "0 0 a 1000 10", "0 0 a 1011 10", []diff.Rule{rel}, false},
		{"relative to zero", "0 0 a 0 10", "0 0 a 1 10", []diff.Rule{rel}, false},
		{"another type is not another number", "0 0 a 7 10", "0 0 a 7d 10", []diff.Rule{abs, rel, ulp}, false},
		{"another scale is not another number", "0 0 a 1.5 10", "0 0 a 1.50 10", []diff.Rule{abs, rel, ulp}, false},
		{"NULL is no number", "0 0 a NULL 10", "0 0 a 0 10", []diff.Rule{abs}, false},
		{"ignored", "0 0 a NULL 10", "0 0 a x 10", []diff.Rule{ignore}, true},
		{"ignored, but deleted", "0 0 a 1 10", "0 0 a - 10", []diff.Rule{ignore}, false},
		{"a text", "0 0 a x 10", "0 0 a y 10", []diff.Rule{abs}, false},
		{"the row's time", "0 0 a 1 10", "0 0 a 1 15", []diff.Rule{clock}, true},
		{"too late", "0 0 a 1 10", "0 0 a 1 16", []diff.Rule{clock}, false},
		{"the row's time and a value, one rule", "0 0 a 1.5 10", "0 0 a 1.6 12", []diff.Rule{clock}, false},
		{"the row's time and a value, two rules", "0 0 a 1.5 10", "0 0 a 1.6 12", []diff.Rule{abs, clock}, true},
		{"another key", "0 0 a 1 10", "0 0 b 1 10", []diff.Rule{ignore, clock}, false},
		{"another cause", "0 0 a 1.5 10", "1 0 a 1.6 10", []diff.Rule{abs}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ruled(batches(t, []string{c.one}), batches(t, []string{c.two}), c.rules...)
			if ok := r.Root+r.Cascade == 0 && r.LevelHeld == diff.E1; ok != c.ok {
				t.Errorf("%v at %s", r.ByClass, r.LevelHeld)
			}
			for _, rule := range r.Tolerated {
				if hit := rule.Rows > 0; hit != (rule.Example != nil) || hit && !c.ok || rule.Of != 1 {
					t.Errorf("%+v", rule)
				}
			}
		})
	}
}

func TestHitsOfARuleAreCountedAndShown(t *testing.T) {
	v1 := batches(t, []string{"0 0 a 1.5 10", "1 0 b 1.5 20", "2 0 a 2.5 30", "--", "3 0 a 3.5 40", "4 0 b 3 50"})
	v2 := batches(t, []string{"0 0 a 1.6 10", "1 0 b 1.5 20", "2 0 a 2.5 30", "--", "3 0 a 3.4 40", "4 0 b 9 50"})
	r := ruled(v1, v2, allowing(func(r *diff.Rule) { r.Absolute = 0.1 }))
	if r.Root != 1 || r.ByClass[diff.ValueClass] != 1 || r.Outputs[0].ToleratedRows != 2 {
		t.Errorf("%v, %d rows tolerated: want the one that no rule allows, and two", r.ByClass, r.Outputs[0].ToleratedRows)
	}
	rule := r.Tolerated[0]
	if rule.Rows != 2 || rule.Of != 5 || rule.Rate() != 0.4 {
		t.Errorf("%d of %d rows, rate %v", rule.Rows, rule.Of, rule.Rate())
	}
	first, latest := rule.Example.Columns, rule.Latest.Columns
	if len(first) != 1 || first[0] != (diff.ColumnDiff{Name: "V", V1: "1.5", V2: "1.6"}) || latest[0].V2 != "3.4" {
		t.Errorf("%+v, %+v", first, latest)
	}
}

// A V2 that concatenates its partitions' rows is detected with a rule, too.
func TestOrderIsComparedUnderRules(t *testing.T) {
	v1 := batches(t, []string{"0 0 a 1.5 10", "1 0 b 1.5 20"})
	v2 := batches(t, []string{"1 0 b 1.6 20", "0 0 a 1.6 10"})
	r := ruled(v1, v2, allowing(func(r *diff.Rule) { r.Absolute = 0.1 }))
	if r.LevelHeld != diff.E2 || r.ByClass[diff.Reorder] != 1 || len(r.ByClass) != 1 || r.Outputs[0].ToleratedRows != 2 {
		t.Errorf("%v at %s, %d rows tolerated", r.ByClass, r.LevelHeld, r.Outputs[0].ToleratedRows)
	}
}
