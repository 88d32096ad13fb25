package diff_test

import (
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

func TestWhyValuesDifferIsGuessed(t *testing.T) {
	big := func(n int64) row.Value { return row.NewBigint(n) }
	at := func(ms int64) row.Value { return row.NewTimestamp(ms) }
	const hour = 3_600_000
	for _, c := range []struct {
		name     string
		one, two []row.Value
		class    diff.Class
		guess    diff.Hypothesis
	}{
		{"a few units in the last place", []row.Value{row.NewDouble(0.3)}, []row.Value{row.NewDouble(0.30000000000000004)}, diff.ValueClass, diff.FloatOrder},
		{"an integer as a DOUBLE", []row.Value{big(7)}, []row.Value{row.NewDouble(7)}, diff.TypeClass, diff.ThroughDouble},
		{"a large one, and back", []row.Value{big(1<<53 + 1)}, []row.Value{big(1 << 53)}, diff.ValueClass, diff.ThroughDouble},
		{"a large one, off by more", []row.Value{big(1<<53 + 1)}, []row.Value{big(1<<53 - 1)}, diff.ValueClass, ""},
		{"a DECIMAL of another scale", []row.Value{number(t, "1.5")}, []row.Value{number(t, "1.50")}, diff.TypeClass, ""},
		{"an hour later", []row.Value{big(1), at(5)}, []row.Value{big(1), at(5 + hour)}, diff.ValueClass, diff.TimeZone},
		{"times an hour and two earlier", []row.Value{at(9 * hour), at(9 * hour)}, []row.Value{at(8 * hour), at(7 * hour)}, diff.ValueClass, ""},
		{"a minute later", []row.Value{at(5)}, []row.Value{at(5 + 60_000)}, diff.ValueClass, ""},
		{"days later", []row.Value{at(0)}, []row.Value{at(48 * hour)}, diff.ValueClass, ""},
		{"an hour later, and another count", []row.Value{big(1), at(5)}, []row.Value{big(2), at(5 + hour)}, diff.ValueClass, ""},
		{"seconds for milliseconds", []row.Value{big(5000), big(3)}, []row.Value{big(5), big(3)}, diff.ValueClass, diff.OtherUnit},
		{"cents for dollars", []row.Value{number(t, "1.50"), number(t, "2.00")}, []row.Value{number(t, "150.00"), number(t, "200.00")}, diff.ValueClass, diff.OtherUnit},
		{"different factors", []row.Value{big(1), big(1)}, []row.Value{big(60), big(1000)}, diff.ValueClass, ""},
		{"twice as much", []row.Value{big(4)}, []row.Value{big(8)}, diff.ValueClass, ""},
		{"nothing for something", []row.Value{big(4)}, []row.Value{big(0)}, diff.ValueClass, ""},
		{"NULL", []row.Value{{}}, []row.Value{big(0)}, diff.ValueClass, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := sink()
			s.Values = make([]row.Column, len(c.one))
			d := diff.New([]*row.Sink{s}, diff.Options{})
			b := timed(0, 0, 10)
			one := made(b, 0, 1, 0, 60_000, 1)
			two := one
			one.Values, two.Values = c.one, c.two
			d.Compare(outcome(b, []row.Change{one}), outcome(b, []row.Change{two}))
			r := d.Result()
			if got := only(t, r)[c.class]; got.Count != 1 || got.Hypothesis != c.guess || len(r.ByClass) != 1 {
				t.Errorf("%v, %q; want %s, %q", r.ByClass, got.Hypothesis, c.class, c.guess)
			}
		})
	}
}

func TestAFactorThatFitsByChanceIsNotNamed(t *testing.T) {
	v1 := batches(t, []string{"0 0 a 60 10", "1 0 a 61 20"})
	v2 := batches(t, []string{"0 0 a 1 10", "1 0 a 2 20"})
	for _, s := range compare(v1, v2, diff.E1).Signatures {
		if s.Hypothesis != "" {
			t.Errorf("%+v", s)
		}
	}
}

// number is a DECIMAL.
func number(t *testing.T, text string) row.Value {
	t.Helper()
	v := value(t, text)
	if v.Kind() != row.Decimal {
		t.Fatalf("%s is no DECIMAL", text)
	}
	return v
}
