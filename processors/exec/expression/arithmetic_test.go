package expression

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/row/rowtest"
)

// calculate evaluates x op y to a type.
func calculate(t rapid.TB, op plan.ArithmeticOp, result row.Type, x, y row.Value) (row.Value, error) {
	literal := func(v row.Value) plan.Expr {
		_, scale := v.Decimal()
		return &plan.Literal{Value: v, T: row.Type{Kind: v.Kind(), Precision: row.MaxPrecision, Scale: scale}}
	}
	f, err := Compile(&plan.Arithmetic{Op: op, L: literal(x), R: literal(y), T: result})
	if err != nil {
		t.Fatal(err)
	}
	return f(&Env{})
}

func TestIntegersAreThoseOfMathBigOrAnError(t *testing.T) {
	numbers := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3), rapid.SampledFrom([]int64{
		math.MaxInt64, math.MinInt64, math.MaxInt32, math.MinInt32, 1 << 31, 1 << 32,
	}))
	exact := map[plan.ArithmeticOp]func(z, x, y *big.Int) *big.Int{
		'+': (*big.Int).Add, '-': (*big.Int).Sub, '*': (*big.Int).Mul, '/': (*big.Int).Quo, '%': (*big.Int).Rem,
	}
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom([]plan.ArithmeticOp{'+', '-', '*', '/', '%'}).Draw(t, "op")
		kind := rapid.SampledFrom([]row.Kind{row.Int, row.Bigint}).Draw(t, "kind")
		x, y := numbers.Draw(t, "x"), numbers.Draw(t, "y")
		if kind == row.Int {
			x, y = int64(int32(x)), int64(int32(y))
		}
		got, err := calculate(t, op, row.Of(kind), row.NewIntegral(kind, x), row.NewIntegral(kind, y))
		if y == 0 && (op == '/' || op == '%') {
			if err != errDivision {
				t.Fatalf("%d %c 0 is %s, %v", x, op, got, err)
			}
			return
		}
		want := exact[op](new(big.Int), big.NewInt(x), big.NewInt(y))
		fits := want.IsInt64() && (kind == row.Bigint || want.Int64() == int64(int32(want.Int64())))
		switch {
		case !fits && err != ErrOverflow:
			t.Fatalf("%d %c %d is %s, %v: %s does not fit %s", x, op, y, got, err, want, kind)
		case fits && (err != nil || got.Kind() != kind || got.Int64() != want.Int64()):
			t.Fatalf("%d %c %d is %s, %v, want %s", x, op, y, got, err, want)
		}
	})
}

func TestDecimalsAreExactAndRoundedOnce(t *testing.T) {
	exact := map[plan.ArithmeticOp]func(z, x, y *big.Rat) *big.Rat{
		'+': (*big.Rat).Add, '-': (*big.Rat).Sub, '*': (*big.Rat).Mul, '/': (*big.Rat).Quo,
	}
	rapid.Check(t, func(t *rapid.T) {
		op := rapid.SampledFrom([]plan.ArithmeticOp{'+', '-', '*', '/'}).Draw(t, "op")
		result := row.DecimalType(rapid.IntRange(20, 38).Draw(t, "precision"), rapid.IntRange(0, 20).Draw(t, "scale"))
		draw := func(name string) (row.Value, *big.Rat) {
			unscaled, scale := rowtest.Decimals().Draw(t, name), rapid.IntRange(0, 20).Draw(t, name+"'s scale")
			return row.NewDecimal(unscaled, scale), new(big.Rat).SetFrac(unscaled.Big(), TenTo(scale))
		}
		x, xr := draw("x")
		y, yr := draw("y")
		got, err := calculate(t, op, result, x, y)
		if op == '/' && yr.Sign() == 0 {
			if err != errDivision {
				t.Fatalf("%s / 0 is %s, %v", x, got, err)
			}
			return
		}
		// FloatString rounds half away from zero; the round trip drops "-0".
		text := exact[op](new(big.Rat), xr, yr).FloatString(result.Scale)
		want, _ := new(big.Rat).SetString(text)
		unscaled := new(big.Rat).Mul(want, new(big.Rat).SetInt(TenTo(result.Scale))).Num()
		fits := unscaled.CmpAbs(TenTo(result.Precision)) < 0
		if fits != (err == nil) {
			t.Fatalf("%s %c %s is %s, %v, want %s in %s", x, op, y, got, err, text, result)
		}
		if fits {
			if d, scale := got.Decimal(); scale != result.Scale || d.Big().Cmp(unscaled) != 0 {
				t.Fatalf("%s %c %s is %s, want %s", x, op, y, got, text)
			}
		}
	})
}

func TestAProductPast128BitsIsRoundedHalfAwayFromZero(t *testing.T) {
	x, y := numeric.Pow10(35), numeric.Pow10(10)
	for factor, want := range map[int64]int64{14: 1, 15: 2, -15: -2, 25: 3, -14: -1} {
		wide, _ := x.Mul(numeric.Int128Of(factor)) // 1.5 at scale 36, say
		got, err := calculate(t, '*', row.DecimalType(38, 0), row.NewDecimal(wide, 36), row.NewDecimal(y, 10))
		if d, _ := got.Decimal(); err != nil || d != numeric.Int128Of(want) {
			t.Errorf("%d tenths are %s, %v, want %d", factor, got, err, want)
		}
	}
}

func TestADecimalRemainderHasTheSignOfTheDividend(t *testing.T) {
	small := rapid.Int64Range(-1_000_000, 1_000_000)
	rapid.Check(t, func(t *rapid.T) {
		x, y := small.Draw(t, "x"), small.Draw(t, "y")
		sx, sy := rapid.IntRange(0, 4).Draw(t, "x's scale"), rapid.IntRange(0, 4).Draw(t, "y's scale")
		scale := max(sx, sy)
		got, err := calculate(t, '%', row.DecimalType(38, scale), row.NewDecimal(numeric.Int128Of(x), sx), row.NewDecimal(numeric.Int128Of(y), sy))
		if y == 0 {
			if err != errDivision {
				t.Fatalf("the remainder of 0 is %s, %v", got, err)
			}
			return
		}
		for ; sx < scale; sx++ {
			x *= 10
		}
		for ; sy < scale; sy++ {
			y *= 10
		}
		if d, _ := got.Decimal(); err != nil || d != numeric.Int128Of(x%y) {
			t.Fatalf("%d %% %d at scale %d is %s, %v", x, y, scale, got, err)
		}
	})
}
