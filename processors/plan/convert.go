package plan

import (
	"math"
	"strconv"

	"parallax/processors/numeric"
	"parallax/processors/row"
	"parallax/processors/typing"
)

// convert converts e to type t: a literal at once, any other expression by a Cast. The
// types must have passed common.
func convert(e Expr, t row.Type) Expr {
	if e.Type().Equal(t) {
		return e
	}
	lit, ok := e.(*Literal)
	if !ok {
		return &Cast{X: e, T: t}
	}
	if lit.Value.IsNull() {
		return &Literal{T: t}
	}
	if v, ok := typing.Fit(lit.Value, t); ok {
		return &Literal{Value: v, T: t}
	}
	return &Cast{X: e, T: t}
}

// numberLiteral chooses the type of a number literal: INT or BIGINT for a whole number that
// fits, DOUBLE with an exponent, an exact DECIMAL with a point.
func numberLiteral(text string) (*Literal, bool) {
	for _, c := range text {
		if c == 'e' || c == 'E' {
			f, err := strconv.ParseFloat(text, 64)
			return &Literal{Value: row.NewDouble(f), T: row.Of(row.Double)}, err == nil
		}
	}
	v, scale, ok := numeric.ParseDecimal(text)
	if !ok {
		return nil, false
	}
	if n, fits := v.Int64(); fits && scale == 0 && isDigits(text) {
		if n <= math.MaxInt32 {
			return &Literal{Value: row.NewInt(n), T: row.Of(row.Int)}, true
		}
		return &Literal{Value: row.NewBigint(n), T: row.Of(row.Bigint)}, true
	}
	if scale > row.MaxPrecision {
		return nil, false
	}
	t := row.DecimalType(max(v.Digits(), scale), scale)
	return &Literal{Value: row.NewDecimal(v, scale), T: t}, t.Precision <= row.MaxPrecision
}

func isDigits(text string) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
