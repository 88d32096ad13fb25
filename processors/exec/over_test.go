package exec

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/exec/aggregate"
	"parallax/processors/row"
)

// TestAnAverageOfOneWordIsThatOfThree holds the short way against the long one,
// up to numbers that only the long one takes.
func TestAnAverageOfOneWordIsThatOfThree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sum := rapid.OneOf(rapid.Int64Range(-1_000, 1_000), rapid.Int64(), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64})).Draw(t, "sum")
		n := rapid.OneOf(rapid.Int64Range(1, 200), rapid.Int64Range(1, maxNarrow+1)).Draw(t, "n")
		from := rapid.IntRange(0, narrowDigits).Draw(t, "from")
		to := max(6, from)
		got, err := narrowAverage(sum, n, from, to)
		if err != nil {
			t.Fatal(err)
		}
		exact := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(sum), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(to-from)), nil)), big.NewInt(n))
		// Half away from zero: the sign of |x|·2 + 1, halved and cut off.
		num := new(big.Int).Lsh(new(big.Int).Abs(exact.Num()), 1)
		want := num.Add(num, exact.Denom()).Quo(num, new(big.Int).Lsh(exact.Denom(), 1))
		if sum < 0 {
			want.Neg(want)
		}
		unscaled, scale := got.Decimal()
		if unscaled.Big().Cmp(want) != 0 || scale != to {
			t.Fatalf("%d / %d: got %s at scale %d, want %s at %d", sum, n, unscaled.Big(), scale, want, to)
		}
	})
}

// TestARingKeepsTheLastValues of each kind, while it grows and turns over.
func TestARingKeepsTheLastValues(t *testing.T) {
	for _, a := range []overArgument{
		{Argument: aggregate.Argument{Kind: row.Bigint}, narrow: true},
		{Argument: aggregate.Argument{Kind: row.Decimal, Scale: 2}, narrow: true},
		{Argument: aggregate.Argument{Kind: row.Decimal, Scale: 2}},
		{Argument: aggregate.Argument{Kind: row.Double}},
		{Argument: aggregate.Argument{Kind: row.String}},
	} {
		rapid.Check(t, func(t *rapid.T) {
			a.keep = rapid.Int64Range(1, 40).Draw(t, "keep")
			var r ring
			var model []row.Value
			for n := range rapid.Int64Range(1, 200).Draw(t, "rows") {
				o := aggregate.Operand{Valid: rapid.Bool().Draw(t, "valid")}
				if o.Valid {
					o.Set(rapid.Int64Range(-50, 50).Draw(t, "number"))
					if a.Kind == row.Decimal && !a.narrow {
						o.Hi = rapid.Int64Range(-9, 9).Draw(t, "high")
					}
					o.Text = rapid.SampledFrom([]string{"", "a", "bc"}).Draw(t, "text")
				}
				r.put(n, &a, &o)
				model = append(model, a.Value(o))
				for m := max(0, n+1-a.keep); m <= n; m++ {
					if got := a.Value(r.operand(r.at(m))); !row.Equal(got, model[m]) {
						t.Fatalf("row %d of %d: got %s, want %s", m, n+1, got, model[m])
					}
				}
			}
			if size := int64(len(r.valid)); size > max(4, 2*a.keep) {
				t.Fatalf("%d places for %d rows", size, a.keep)
			}
		})
	}
}
