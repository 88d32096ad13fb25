package expression

import (
	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// NarrowPrecision is the number of DECIMAL digits that fit a word.
const NarrowPrecision = 18

// IsNarrow reports whether the values of a type fit a word, which row.Vector.Int64 returns.
func IsNarrow(t row.Type) bool {
	return IsWhole(t.Kind) || t.Kind == row.Decimal && t.Precision <= NarrowPrecision
}

// heldInWord says that a DECIMAL's values fit a word, though its type may be wider:
// BIGINT has 19 digits.
func heldInWord(e plan.Expr) bool { return IsNarrow(e.Type()) || wholeIn(e) != nil }

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
func compileWord(e plan.Expr) (WholeFunc, error) {
	if c, ok := e.(*plan.Column); ok {
		return wholeColumn(c.Index), nil
	}
	if x := wholeIn(e); x != nil {
		return CompileWhole(x)
	}
	f, err := CompileWide(e)
	return func(n *Env) (int64, Flaw) {
		v, bad := f(n)
		return int64(v.Lo), bad
	}, err
}

// wordProduct multiplies DECIMALs that fit a word where the result has as many
// digits as both together: no product is too large for that.
func wordProduct(e *plan.Arithmetic) (WideFunc, error) {
	l, r, err := operands(compileWord, e.L, e.R)
	return func(n *Env) (numeric.Int128, Flaw) {
		x, bad := l(n)
		if bad > IsNull {
			return numeric.Int128{}, bad
		}
		y, badRight := r(n)
		return numeric.MulInt64(x, y), max(bad, badRight)
	}, err
}
