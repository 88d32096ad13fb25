package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// narrowPrecision is how many digits of a DECIMAL fit a word.
const narrowPrecision = 18

// isNarrow says that a type's values fit a word, which row.Vector.Int64 returns.
func isNarrow(t row.Type) bool {
	return isWhole(t.Kind) || t.Kind == row.Decimal && t.Precision <= narrowPrecision
}

// compileNarrow makes the function of a DECIMAL that fits a word.
func compileNarrow(e plan.Expr) (wholeFunc, error) {
	if c, ok := e.(*plan.Column); ok {
		i := c.Index
		return func(n *env) (int64, flaw) {
			c := n.table.Columns[i]
			if !c.Valid(n.row) {
				return 0, isNull
			}
			return c.Int64(n.row), sound
		}, nil
	}
	const intDigits = 10
	if c, ok := e.(*plan.Cast); ok && c.X.Type().Kind == row.Int && c.T.Scale == 0 && c.T.Precision >= intDigits {
		return compileWhole(c.X) // each INT fits
	}
	f, err := compileWide(e)
	return func(n *env) (int64, flaw) {
		v, bad := f(n)
		return int64(v.Lo), bad
	}, err
}

// narrowProduct multiplies DECIMALs that fit a word where the result has as many
// digits as both together: no product is too large for that.
func narrowProduct(e *plan.Arithmetic) (wideFunc, error) {
	l, r, err := operands(compileNarrow, e.L, e.R)
	return func(n *env) (row.Int128, flaw) {
		x, bad := l(n)
		if bad > isNull {
			return row.Int128{}, bad
		}
		y, badRight := r(n)
		return row.MulInt64(x, y), max(bad, badRight)
	}, err
}
