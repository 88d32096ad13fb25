package plan

import (
	"math"
	"strconv"

	"parallax/processors/row"
	"parallax/processors/typing"
)

// convert brings e to a type: a literal is converted now, anything else by a
// Cast. The conversion must be one that common found.
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

// numberLiteral types a literal's digits: whole numbers are INT or BIGINT where
// they fit, an exponent makes a DOUBLE, a point an exact DECIMAL.
func numberLiteral(text string) (*Literal, bool) {
	for _, c := range text {
		if c == 'e' || c == 'E' {
			f, err := strconv.ParseFloat(text, 64)
			return &Literal{Value: row.NewDouble(f), T: row.Of(row.Double)}, err == nil
		}
	}
	v, scale, ok := row.ParseDecimal(text)
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
