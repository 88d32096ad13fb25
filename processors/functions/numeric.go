package functions

import (
	"math"
	"math/big"

	"parallax/processors/functions/signature"
	"parallax/processors/numeric"
	"parallax/processors/row"
)

// numericFunctions compute with numbers of any type, and keep it, but for the digit that rounding
// a DECIMAL may add.
var numericFunctions = []Function{
	{
		Name: "ABS", Signatures: []string{"N -> N"}, Eval: absolute,
		Doc: "The number without its sign.", Example: "ABS(-1.50) = 1.50",
	},
	{
		Name: "CEIL", Aliases: []string{"CEILING"}, Signatures: []string{"N -> N+1"},
		Eval: func(a []row.Value, t row.Type) (row.Value, error) { return toward(a[0], t, 1, math.Ceil) },
		Doc:  "The smallest whole number that is not less.", Example: "CEIL(1.2) = 2.0",
	},
	{
		Name: "FLOOR", Signatures: []string{"N -> N+1"},
		Eval: func(a []row.Value, t row.Type) (row.Value, error) { return toward(a[0], t, -1, math.Floor) },
		Doc:  "The largest whole number that is not more.", Example: "FLOOR(-1.2) = -2.0",
	},
	{
		Name: "ROUND", Signatures: []string{"N, [digits INT] -> N+1"}, Eval: round,
		Doc:     "Rounded half away from zero, to the given number of digits after the point (0, and negative ones before it).",
		Example: "ROUND(-2.5) = -3.0",
	},
	{
		Name: "TRUNC", Signatures: []string{"N, [digits INT] -> N"}, Eval: truncate,
		Doc:     "The number with what is beyond the given number of digits after the point (0, and negative ones before it) cut off.",
		Example: "TRUNC(-2.59, 1) = -2.50",
	},
	{
		Name: "SIGN", Signatures: []string{"N -> INT"}, Eval: sign,
		Doc: "-1, 0 or 1.", Example: "SIGN(-0.5) = -1",
	},
	{
		Name: "MOD", Compares: signature.ByCommonType, Signatures: []string{"N, N -> N"}, Eval: modulo,
		Doc: "The rest of the division, with the sign of what is divided, as % gives it.", Example: "MOD(-7, 3) = -1",
	},
}

func absolute(a []row.Value, t row.Type) (row.Value, error) {
	switch t.Kind {
	case row.Double:
		return row.NewDouble(math.Abs(a[0].Float64())), nil
	case row.Decimal:
		d, scale := a[0].Decimal()
		if d.Sign() < 0 {
			d = d.Neg()
		}
		return row.NewDecimal(d, scale), nil
	}
	n := a[0].Int64()
	if n >= 0 {
		return a[0], nil
	}
	if n == math.MinInt64 || t.Kind == row.Int && n == math.MinInt32 {
		return row.Value{}, ErrOverflow
	}
	return row.NewIntegral(t.Kind, -n), nil
}

// toward rounds up (1) or down (-1) to a whole number of the same kind.
func toward(v row.Value, t row.Type, direction int, float func(float64) float64) (row.Value, error) {
	switch t.Kind {
	case row.Double:
		return row.NewDouble(float(v.Float64())), nil
	case row.Decimal:
		d, scale := v.Decimal()
		nearest, _ := numeric.DecimalQuo(d, numeric.Pow10(scale))
		whole, ok := nearest.Mul(numeric.Pow10(scale))
		if c := whole.Cmp(d); ok && c == -direction { // it was rounded the other way
			whole, ok = whole.Add(step(direction, scale))
		}
		return decimalOf(whole, ok, t)
	}
	return v, nil
}

// step is direction·10^scale.
func step(direction, scale int) numeric.Int128 {
	if direction < 0 {
		return numeric.Pow10(scale).Neg()
	}
	return numeric.Pow10(scale)
}

func decimalOf(d numeric.Int128, ok bool, t row.Type) (row.Value, error) {
	if !ok || d.Digits() > t.Precision {
		return row.Value{}, ErrOverflow
	}
	return row.NewDecimal(d, t.Scale), nil
}

func round(a []row.Value, t row.Type) (row.Value, error) {
	digits := digitsOf(a)
	switch t.Kind {
	case row.Double:
		return roundDouble(a[0].Float64(), digits)
	case row.Decimal:
		d, scale := a[0].Decimal()
		if digits >= scale {
			return a[0], nil
		}
		if scale-digits > row.MaxPrecision {
			return row.NewDecimal(numeric.Int128{}, scale), nil
		}
		unit := numeric.Pow10(scale - digits)
		q, _ := numeric.DecimalQuo(d, unit)
		v, ok := q.Mul(unit)
		return decimalOf(v, ok, t)
	}
	if digits >= 0 {
		return a[0], nil
	}
	if digits < -18 {
		return row.NewIntegral(t.Kind, 0), nil
	}
	unit := numeric.Pow10(-digits)
	q, _ := numeric.DecimalQuo(numeric.Int128Of(a[0].Int64()), unit)
	v, _ := q.Mul(unit)
	n, ok := v.Int64()
	if !ok || t.Kind == row.Int && n != int64(int32(n)) {
		return row.Value{}, ErrOverflow
	}
	return row.NewIntegral(t.Kind, n), nil
}

// roundDouble rounds half away from zero. What is past the precision of a
// double, or not finite, stays as it is.
func roundDouble(f float64, digits int) (row.Value, error) {
	if digits > 300 || digits < -300 {
		return row.Value{}, ErrArgument
	}
	unit := math.Pow(10, float64(digits))
	if scaled := f * unit; !math.IsInf(scaled, 0) {
		return row.NewDouble(math.Round(scaled) / unit), nil
	}
	return row.NewDouble(f), nil
}

// digitsOf is the second argument of ROUND and TRUNC.
func digitsOf(a []row.Value) int {
	if len(a) == 2 {
		return int(a[1].Int64())
	}
	return 0
}

func truncate(a []row.Value, t row.Type) (row.Value, error) {
	digits := digitsOf(a)
	switch t.Kind {
	case row.Double:
		if digits > 300 || digits < -300 {
			return row.Value{}, ErrArgument
		}
		unit := math.Pow(10, float64(digits))
		f := a[0].Float64()
		if scaled := f * unit; !math.IsInf(scaled, 0) {
			f = math.Trunc(scaled) / unit
		}
		return row.NewDouble(f), nil
	case row.Decimal:
		d, scale := a[0].Decimal()
		if digits >= scale {
			return a[0], nil
		}
		d, _ = numeric.Int128FromBig(cutTo(d.Big(), scale-digits))
		return row.NewDecimal(d, scale), nil
	}
	if digits >= 0 {
		return a[0], nil
	}
	return row.NewIntegral(t.Kind, cutTo(big.NewInt(a[0].Int64()), -digits).Int64()), nil
}

// cutTo makes the last digits zeros.
func cutTo(n *big.Int, digits int) *big.Int {
	if digits > row.MaxPrecision {
		return new(big.Int)
	}
	unit := numeric.Pow10(digits).Big()
	return n.Mul(n.Quo(n, unit), unit)
}

func sign(a []row.Value, _ row.Type) (row.Value, error) {
	switch v := a[0]; v.Kind() {
	case row.Double:
		f := v.Float64()
		switch {
		case f > 0:
			return row.NewInt(1), nil
		case f < 0:
			return row.NewInt(-1), nil
		}
		return row.NewInt(0), nil
	case row.Decimal:
		d, _ := v.Decimal()
		return row.NewInt(int64(d.Sign())), nil
	default:
		n := v.Int64()
		return row.NewInt(n>>63 | int64(uint64(-n)>>63)), nil
	}
}

// unscaledAt is a number as so many digits after the point, which are enough.
func unscaledAt(v row.Value, digits int) *big.Int {
	n, scale := numeric.Int128Of(v.Int64()), 0
	if v.Kind() == row.Decimal {
		n, scale = v.Decimal()
	}
	b := n.Big()
	return b.Mul(b, numeric.Pow10(digits-scale).Big())
}

func modulo(a []row.Value, t row.Type) (row.Value, error) {
	switch t.Kind {
	case row.Double:
		return row.NewDouble(math.Mod(a[0].AsDouble(), a[1].AsDouble())), nil
	case row.Decimal:
		x, y := unscaledAt(a[0], t.Scale), unscaledAt(a[1], t.Scale)
		if y.Sign() == 0 {
			return row.Value{}, ErrArgument
		}
		r, ok := numeric.Int128FromBig(x.Rem(x, y))
		return decimalOf(r, ok, t)
	}
	if a[1].Int64() == 0 {
		return row.Value{}, ErrArgument
	}
	return row.NewIntegral(t.Kind, a[0].Int64()%a[1].Int64()), nil
}
