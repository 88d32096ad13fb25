package aggregate

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/functions/aggregates"
	"parallax/processors/row"
	"parallax/processors/row/rowtest"
)

func TestANumberIsRoundedToTheNearestDouble(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "bytes"))
		n.Lsh(n, uint(rapid.IntRange(0, 100).Draw(t, "shift")))
		if rapid.Bool().Draw(t, "one more") {
			n.Add(n, big.NewInt(1))
		}
		want, _ := new(big.Float).SetInt(n).Float64()
		if got := nearestDouble(n); got != want {
			t.Fatalf("%s becomes %v, want %v", n, got, want)
		}
	})
}

// TestVariancesOfDecimalsAreThoseOfMathBig, to the last digit of 38.
func TestVariancesOfDecimalsAreThoseOfMathBig(t *testing.T) {
	for _, precision := range []int{18, row.MaxPrecision} {
		const scale = 3
		arg := row.DecimalType(precision, scale)
		rapid.Check(t, func(t *rapid.T) {
			var values []row.Value
			sum, squares := new(big.Int), new(big.Int)
			for _, u := range rapid.SliceOfN(rowtest.Decimals(), 2, 12).Draw(t, "values") {
				if u, ok := u.Int64(); precision == 18 && (!ok || u >= 1e18 || u <= -1e18) {
					continue
				}
				values = append(values, row.NewDecimal(u, scale))
				sum.Add(sum, u.Big())
				squares.Add(squares, new(big.Int).Mul(u.Big(), u.Big()))
			}
			n := big.NewInt(int64(len(values)))
			got, err := folded(t, aggregates.VarPop, arg, row.Of(row.Double), values)
			if len(values) == 0 {
				if err != nil || !got.IsNull() {
					t.Fatalf("of nothing it is %s, %v", got, err)
				}
				return
			}
			top := squares.Mul(squares, n)
			top.Sub(top, sum.Mul(sum, sum))
			a, _ := new(big.Float).SetInt(top).Float64()
			b, _ := new(big.Float).SetInt(n.Mul(n, n).Mul(n, big.NewInt(1_000_000))).Float64()
			if err != nil || got.Float64() != a/b {
				t.Fatalf("it is %s, %v, want %v", got, err, a/b)
			}
		})
	}
}

func TestDoublesThatDifferLittleHaveTheirVariance(t *testing.T) {
	values := []row.Value{row.NewDouble(1e9 + 4), row.NewDouble(1e9 + 7), row.NewDouble(1e9 + 13), row.NewDouble(1e9 + 16)}
	double := row.Of(row.Double)
	if got, err := folded(t, aggregates.VarSample, double, double, values); err != nil || got.Float64() != 30 {
		t.Errorf("the variance is %s, %v, want 30", got, err)
	}
	if got, err := folded(t, aggregates.StddevPop, double, double, values); err != nil || got.Float64() != math.Sqrt(22.5) {
		t.Errorf("the deviation is %s, %v", got, err)
	}
}
