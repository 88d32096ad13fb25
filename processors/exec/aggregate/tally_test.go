package aggregate

import (
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/exec/expression"
	"parallax/processors/functions/aggregates"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// tallyCalls are a call of each aggregate that keeps tallies, over DOUBLEs.
func tallyCalls() map[aggregates.Name]*plan.AggregateCall {
	x := &plan.Column{T: row.Of(row.Double)}
	elem := row.Type{Kind: row.Struct, Fields: []row.Column{{Name: "sort_col", Type: x.T}, {Name: "col0", Type: x.T}}}
	calls := map[aggregates.Name]*plan.AggregateCall{}
	for f := range talliedAggregates {
		c := &plan.AggregateCall{Func: f, Args: []plan.Expr{x}}
		switch f {
		case aggregates.Correlation:
			c.Args = append(c.Args, x)
		case aggregates.Percentile:
			c.Constants = []row.Value{row.NewDouble(0.3)}
		case aggregates.LatestByOffset, aggregates.EarliestByOffset:
			c.Constants = []row.Value{row.NewInt(3), row.NewBoolean(false)}
		case aggregates.StringAgg, aggregates.Histogram:
			c.Args = []plan.Expr{&plan.Column{T: row.Of(row.String)}}
			c.Constants = []row.Value{row.NewString(",")}
		case aggregates.TopKDistinct:
			c.Constants = []row.Value{row.NewInt(3)}
		case aggregates.TopK:
			c.Args, c.Constants = append(c.Args, x), []row.Value{row.NewInt(3)}
			c.Type = row.Type{Kind: row.Array, Elem: &elem}
		}
		calls[f] = c
	}
	return calls
}

// drawValues draws what a call sees of each record.
func drawValues(t *rapid.T, c *plan.AggregateCall) [][]row.Value {
	var all [][]row.Value
	for range rapid.IntRange(0, 30).Draw(t, "records") {
		var values []row.Value
		for _, a := range c.Args {
			n := rapid.IntRange(-3, 6).Draw(t, "value")
			switch {
			case n == 6:
				values = append(values, row.Value{})
			case a.Type().Kind == row.String:
				values = append(values, row.NewString(string(rune('m'+n))))
			default:
				values = append(values, row.NewDouble(float64(n)/3))
			}
		}
		all = append(all, values)
	}
	return all
}

// TestMergedTalliesAreAsOne: no matter which records two tallies took, one of
// both is what one over all would be.
func TestMergedTalliesAreAsOne(t *testing.T) {
	for f, c := range tallyCalls() {
		t.Run(string(f), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				tallying, err := newTallying(c, true, false)
				if err != nil {
					t.Fatal(err)
				}
				var one, two, all uint64
				for place, values := range drawValues(t, c) {
					part := &one
					if rapid.Bool().Draw(t, "second") {
						part = &two
					}
					copy(tallying.Values, values)
					tallying.Take(part, int64(place))
					tallying.Take(&all, int64(place))
				}
				tallying.merge(&one, &two)
				if two != 0 {
					t.Error("what was merged is still there")
				}
				got, badGot := tallying.result(tallying.of(one))
				want, badWant := tallying.result(tallying.of(all))
				if badGot != badWant || badGot == expression.Sound && !row.Equal(got, want) {
					t.Errorf("both are %s, want %s", got, want)
				}
			})
		})
	}
}

// TestATallyGoesOnWithoutItsClone, and what was shown of it stays.
func TestATallyGoesOnWithoutItsClone(t *testing.T) {
	for f, c := range tallyCalls() {
		t.Run(string(f), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				tallying, err := newTallying(c, rapid.Bool().Draw(t, "ordered"), false)
				if err != nil {
					t.Fatal(err)
				}
				var word uint64
				take := func(word *uint64, from int64, list [][]row.Value) {
					for i, values := range list {
						copy(tallying.Values, values)
						tallying.Take(word, from+int64(i))
					}
				}
				show := func(word uint64) (string, row.Value) {
					v, bad := tallying.result(tallying.of(word))
					if bad != expression.Sound {
						v.SetNull()
					}
					return v.String(), v
				}
				first, second, third := drawValues(t, c), drawValues(t, c), drawValues(t, c)
				take(&word, 0, first)
				before, shown := show(word)
				copied := tallying.put(tallying.of(word).clone())
				take(&word, 100, second)
				after, _ := show(word)
				if got, _ := show(copied); got != before {
					t.Errorf("the copy became %s, was %s", got, before)
				}
				take(&copied, 100, third)
				if got, _ := show(word); got != after {
					t.Errorf("it became %s with its copy, was %s", got, after)
				}
				if shown.String() != before {
					t.Errorf("what was shown became %s, was %s", shown, before)
				}
			})
		})
	}
}

// TestClonesAreForOtherGoroutines shows what they share to the race detector.
func TestClonesAreForOtherGoroutines(t *testing.T) {
	for f, c := range tallyCalls() {
		tallying, err := newTallying(c, false, false)
		if err != nil {
			t.Fatal(err)
		}
		values := make([]row.Value, len(c.Args))
		for i, a := range c.Args {
			if values[i] = row.NewDouble(1); a.Type().Kind == row.String {
				values[i] = row.NewString("a")
			}
		}
		own := tallying.make()
		own.add(0, values)
		other := own.clone()
		done := make(chan struct{})
		go func() {
			other.add(1, values)
			close(done)
		}()
		own.add(1, values)
		<-done
		if a, _ := tallying.result(own); !row.Equal(a, func() row.Value { v, _ := tallying.result(other); return v }()) {
			t.Errorf("%s: both went on alike, and differ", f)
		}
	}
}

func TestATallysNumberIsUsedAgain(t *testing.T) {
	tallying, err := newTallying(&plan.AggregateCall{Func: aggregates.CollectList, Args: []plan.Expr{&plan.Column{T: row.Of(row.Int)}}}, false, false)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		var a, b uint64
		tallying.Take(&a, 0)
		tallying.Take(&b, 1)
		tallying.Release(&a)
		tallying.Release(&b)
	}
	if n := tallying.slots.n; n != 2 {
		t.Errorf("%d tallies are kept for two groups at a time", n)
	}
}
