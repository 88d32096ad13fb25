package plan

import (
	"math"

	"parallax/processors/row"
)

// numericFunctions compute with numbers.
var numericFunctions = []Function{
	{
		Name: "ABS", MinArgs: 1, MaxArgs: 1, Types: number, Eval: absolute,
		Doc: "The number without its sign.", Example: "ABS(-1.50) = 1.50",
	},
	{
		Name: "CEIL", Aliases: []string{"CEILING"}, MinArgs: 1, MaxArgs: 1, Types: number,
		Eval: func(a []row.Value, t row.Type) (row.Value, error) { return toward(a[0], t, 1, math.Ceil) },
		Doc:  "The smallest whole number that is not less.", Example: "CEIL(1.2) = 2.0",
	},
	{
		Name: "FLOOR", MinArgs: 1, MaxArgs: 1, Types: number,
		Eval: func(a []row.Value, t row.Type) (row.Value, error) { return toward(a[0], t, -1, math.Floor) },
		Doc:  "The largest whole number that is not more.", Example: "FLOOR(-1.2) = -2.0",
	},
	{
		Name: "ROUND", MinArgs: 1, MaxArgs: 2, Types: rounding, Eval: round,
		Doc:     "Rounded half away from zero, to the given number of digits after the point (0, and negative ones before it).",
		Example: "ROUND(-2.5) = -3.0",
	},
}

// number takes one number and returns its type.
func number(args []row.Type) ([]row.Type, row.Type, string) {
	t := args[0]
	switch {
	case t.Kind == row.Null:
		t = row.Of(row.Int)
	case !t.IsNumeric():
		return nil, t, "it wants a number, not " + t.String()
	}
	return []row.Type{t}, t, ""
}

// rounding takes a number and, optionally, a whole number of digits.
func rounding(args []row.Type) ([]row.Type, row.Type, string) {
	params, t, wrong := number(args[:1])
	if wrong != "" || len(args) == 1 {
		return params, t, wrong
	}
	if args[1].Kind != row.Int && args[1].Kind != row.Null {
		return nil, t, "the number of digits is an INT, not " + args[1].String()
	}
	return append(params, row.Of(row.Int)), t, ""
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

// toward rounds up (1) or down (-1) to a whole number of the same type.
func toward(v row.Value, t row.Type, direction int, float func(float64) float64) (row.Value, error) {
	switch t.Kind {
	case row.Double:
		return row.NewDouble(float(v.Float64())), nil
	case row.Decimal:
		d, scale := v.Decimal()
		nearest, _ := row.DecimalQuo(d, row.Pow10(scale))
		whole, ok := nearest.Mul(row.Pow10(scale))
		if c := whole.Cmp(d); ok && c == -direction { // it was rounded the other way
			whole, ok = whole.Add(step(direction, scale))
		}
		return decimalOf(whole, ok, t)
	}
	return v, nil
}

// step is direction·10^scale.
func step(direction, scale int) row.Int128 {
	if direction < 0 {
		return row.Pow10(scale).Neg()
	}
	return row.Pow10(scale)
}

func decimalOf(d row.Int128, ok bool, t row.Type) (row.Value, error) {
	if !ok || d.Digits() > t.Precision {
		return row.Value{}, ErrOverflow
	}
	return row.NewDecimal(d, t.Scale), nil
}

func round(a []row.Value, t row.Type) (row.Value, error) {
	digits := 0
	if len(a) == 2 {
		digits = int(a[1].Int64())
	}
	switch t.Kind {
	case row.Double:
		return roundDouble(a[0].Float64(), digits)
	case row.Decimal:
		d, scale := a[0].Decimal()
		if digits >= scale {
			return a[0], nil
		}
		if scale-digits > row.MaxPrecision {
			return row.NewDecimal(row.Int128{}, scale), nil
		}
		unit := row.Pow10(scale - digits)
		q, _ := row.DecimalQuo(d, unit)
		v, ok := q.Mul(unit)
		return decimalOf(v, ok, t)
	}
	if digits >= 0 {
		return a[0], nil
	}
	if digits < -18 {
		return row.NewIntegral(t.Kind, 0), nil
	}
	unit := row.Pow10(-digits)
	q, _ := row.DecimalQuo(row.Int128Of(a[0].Int64()), unit)
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
