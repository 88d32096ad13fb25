package aggregate

import (
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/exec/expression"
	"parallax/processors/functions/aggregates"
	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// TestWhatIsUndoneNeverCame, for each aggregate that the registry says it of.
func TestWhatIsUndoneNeverCame(t *testing.T) {
	types := []row.Type{row.Of(row.Bigint), row.DecimalType(18, 2), row.DecimalType(20, 2), row.DecimalType(row.MaxPrecision, 2)}
	for _, entry := range aggregates.All() {
		if _, apart := talliedAggregates[entry.Name]; !entry.Undo || apart {
			continue
		}
		for _, arg := range types {
			t.Run(string(entry.Name)+" "+arg.String(), func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) {
					c := &plan.AggregateCall{Func: entry.Name, Args: []plan.Expr{&plan.Column{T: arg}}, Type: row.DecimalType(row.MaxPrecision, 6)}
					f, a, err := new(Layout).Compile(c)
					if err != nil {
						t.Fatal(err)
					}
					both := [2]Group{{Words: make([]uint64, words[f.op])}, {Words: make([]uint64, words[f.op])}}
					for range rapid.IntRange(0, 8).Draw(t, "records") {
						x := numeric.Int128Of(rapid.Int64Range(-1e18+1, 1e18-1).Draw(t, "value"))
						if arg.Precision > 20 {
							x, _ = x.Mul(numeric.Pow10(18))
						}
						o := []Operand{{Lo: x.Lo, Hi: x.Hi, Valid: rapid.IntRange(0, 5).Draw(t, "null") > 0}}
						f.Run(both[:1], o, nil)
						if rapid.Bool().Draw(t, "undone") {
							f.Undo(&both[0], &o[0])
						} else {
							f.Run(both[1:], o, nil)
						}
					}
					var got, want row.Value
					badGot, badWant := a.result(&a, &both[0], &got), a.result(&a, &both[1], &want)
					if badGot != badWant || badGot == expression.Sound && !row.Equal(got, want) {
						t.Fatalf("it is %s, want %s", got, want)
					}
				})
			})
		}
	}
}

func TestWhatIsUndoneInATallyNeverCame(t *testing.T) {
	for f, c := range tallyCalls() {
		if talliedAggregates[f](c, true).undo == nil {
			continue
		}
		if !aggregates.Lookup(string(f)).Undo {
			t.Errorf("%s is undone, and the registry does not say so", f)
		}
		t.Run(string(f), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				tallying, err := newTallying(c, true, true)
				if err != nil {
					t.Fatal(err)
				}
				with, without := tallying.make(), tallying.make()
				for place, values := range drawValues(t, c) {
					if values[0].IsNull() || values[len(values)-1].IsNull() {
						continue
					}
					with.add(int64(place), values)
					shown, _ := tallying.result(with)
					before := shown.String()
					if rapid.Bool().Draw(t, "undone") {
						tallying.undo(with, int64(place), values)
					} else {
						without.add(int64(place), values)
					}
					if shown.String() != before {
						t.Fatalf("what was shown became %s, was %s", shown, before)
					}
				}
				got, _ := tallying.result(with)
				if want, _ := tallying.result(without); !row.Equal(got, want) {
					t.Errorf("it is %s, want %s", got, want)
				}
			})
		})
	}
}
