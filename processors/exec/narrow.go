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

// heldInWord says that a DECIMAL's values fit a word, though its type may be wider:
// BIGINT has 19 digits.
func heldInWord(e plan.Expr) bool { return isNarrow(e.Type()) || wholeIn(e) != nil }

// wholeIn returns the integer that an expression casts to a DECIMAL which has room
// for all of its kind; nil where it does not.
func wholeIn(e plan.Expr) plan.Expr {
	const intDigits, bigintDigits = 10, 19
	c, ok := e.(*plan.Cast)
	if !ok || c.T.Kind != row.Decimal || c.T.Scale != 0 {
		return nil
	}
	k := c.X.Type().Kind
	if k == row.Int && c.T.Precision >= intDigits || k == row.Bigint && c.T.Precision >= bigintDigits {
		return c.X
	}
	return nil
}

// compileWord makes the function of a DECIMAL that fits a word.
func compileWord(e plan.Expr) (wholeFunc, error) {
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
	if x := wholeIn(e); x != nil {
		return compileWhole(x)
	}
	f, err := compileWide(e)
	return func(n *env) (int64, flaw) {
		v, bad := f(n)
		return int64(v.Lo), bad
	}, err
}

// wordProduct multiplies DECIMALs that fit a word where the result has as many
// digits as both together: no product is too large for that.
func wordProduct(e *plan.Arithmetic) (wideFunc, error) {
	l, r, err := operands(compileWord, e.L, e.R)
	return func(n *env) (row.Int128, flaw) {
		x, bad := l(n)
		if bad > isNull {
			return row.Int128{}, bad
		}
		y, badRight := r(n)
		return row.MulInt64(x, y), max(bad, badRight)
	}, err
}
