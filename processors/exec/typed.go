package exec

import (
	"errors"
	"slices"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// An expression becomes a function of the kind of its result, which hands its
// value over in registers. Beside it goes a flaw: why there is no value. What
// has no function of its own here, functions of the registry above all, is
// computed on row.Values (see compile) and unboxed.
type (
	wholeFunc  func(*env) (int64, flaw) // BOOLEAN (0, 1), INT, BIGINT, TIMESTAMP, DATE, TIME
	doubleFunc func(*env) (float64, flaw)
	wideFunc   func(*env) (row.Int128, flaw) // DECIMAL, unscaled, at its type's scale
)

// flaw says why an expression has no value.
type flaw uint8

const (
	sound flaw = iota // it has one
	isNull
	badDivision
	badOverflow
	badCast
	badArgument
	badSize
	badProduced
)

// What can go wrong in an expression.
var (
	errDivision = errors.New("division by zero")
	errOverflow = plan.ErrOverflow
	errCast     = errors.New("the value cannot be cast")
)

var flawErrors = [...]error{
	badDivision: errDivision, badOverflow: errOverflow, badCast: errCast, badArgument: plan.ErrArgument,
	badSize: plan.ErrResultSize, badProduced: plan.ErrProduced,
}

// err returns a flaw's error; nil for none and for NULL.
func (f flaw) err() error { return flawErrors[f] }

// flawOf is the flaw of what a function on values returned.
func flawOf(v row.Value, err error) flaw {
	switch {
	case err == nil && v.IsNull():
		return isNull
	case err == nil:
		return sound
	}
	return flaw(slices.Index(flawErrors[:], err))
}

func isWhole(k row.Kind) bool {
	switch k {
	case row.Boolean, row.Int, row.Bigint, row.Timestamp, row.Date, row.Time:
		return true
	}
	return false
}

// constant returns the value of an expression that sees nothing.
func constant(e plan.Expr) (row.Value, bool) {
	switch e := e.(type) {
	case *plan.Literal:
		return e.Value, true
	case *plan.Cast:
		if v, ok := constant(e.X); ok && !v.IsNull() {
			return castValue(v, e.T)
		}
	}
	return row.Value{}, false
}

func compileWhole(e plan.Expr) (wholeFunc, error) {
	if v, ok := constant(e); ok && !v.IsNull() {
		n := v.Int64()
		return func(*env) (int64, flaw) { return n, sound }, nil
	}
	switch e := e.(type) {
	case *plan.Column:
		i := e.Index
		return func(n *env) (int64, flaw) {
			c := n.table.Columns[i]
			if !c.Valid(n.row) {
				return 0, isNull
			}
			return c.Int64(n.row), sound
		}, nil
	case *plan.Arithmetic:
		return wholeArithmetic(e)
	case *plan.Comparison:
		return comparison(e)
	case *plan.Logic:
		return logic(e)
	case *plan.Not:
		return not(e)
	case *plan.IsNull:
		return nullness(e)
	case *plan.Let:
		return letWhole(e)
	case *root:
		f, err := compileWhole(e.Expr)
		return func(n *env) (int64, flaw) {
			n.budget.Reset()
			return f(n)
		}, err
	}
	f, err := compile(e)
	return func(n *env) (int64, flaw) {
		v, err := f(n)
		return v.Int64(), flawOf(v, err)
	}, err
}

func compileDouble(e plan.Expr) (doubleFunc, error) {
	if v, ok := constant(e); ok && !v.IsNull() {
		n := v.Float64()
		return func(*env) (float64, flaw) { return n, sound }, nil
	}
	switch e := e.(type) {
	case *plan.Column:
		i := e.Index
		return func(n *env) (float64, flaw) {
			c := n.table.Columns[i]
			if !c.Valid(n.row) {
				return 0, isNull
			}
			return c.Float64(n.row), sound
		}, nil
	case *plan.Arithmetic:
		return doubleArithmetic(e)
	case *plan.Cast:
		if k := e.X.Type().Kind; k == row.Int || k == row.Bigint {
			x, err := compileWhole(e.X)
			return func(n *env) (float64, flaw) {
				v, bad := x(n)
				return float64(v), bad
			}, err
		}
	case *root:
		f, err := compileDouble(e.Expr)
		return func(n *env) (float64, flaw) {
			n.budget.Reset()
			return f(n)
		}, err
	}
	f, err := compile(e)
	return func(n *env) (float64, flaw) {
		v, err := f(n)
		return v.Float64(), flawOf(v, err)
	}, err
}

func compileWide(e plan.Expr) (wideFunc, error) {
	if v, ok := constant(e); ok && !v.IsNull() {
		n, _ := v.Decimal()
		return func(*env) (row.Int128, flaw) { return n, sound }, nil
	}
	switch e := e.(type) {
	case *plan.Column:
		i := e.Index
		return func(n *env) (row.Int128, flaw) {
			c := n.table.Columns[i]
			if !c.Valid(n.row) {
				return row.Int128{}, isNull
			}
			return c.Int128(n.row), sound
		}, nil
	case *plan.Arithmetic:
		return wideArithmetic(e)
	case *plan.Cast:
		if k := e.X.Type().Kind; k == row.Int || k == row.Bigint {
			return widen(e)
		}
	case *root:
		f, err := compileWide(e.Expr)
		return func(n *env) (row.Int128, flaw) {
			n.budget.Reset()
			return f(n)
		}, err
	}
	f, err := compile(e)
	return func(n *env) (row.Int128, flaw) {
		v, err := f(n)
		d, _ := v.Decimal()
		return d, flawOf(v, err)
	}, err
}

// widen is the cast of an integer to DECIMAL.
func widen(e *plan.Cast) (wideFunc, error) {
	x, err := compileWhole(e.X)
	to := e.T
	return func(n *env) (row.Int128, flaw) {
		v, bad := x(n)
		if bad != sound {
			return row.Int128{}, bad
		}
		d, ok := row.DecimalRescale(row.Int128Of(v), 0, to.Scale)
		if !ok || !d.Fits(to.Precision) {
			return d, badCast
		}
		return d, sound
	}, err
}

// boxed is a typed expression that returns a row.Value.
func boxed(e plan.Expr) (eval, error) {
	switch t := e.Type(); {
	case t.Kind == row.Double:
		f, err := compileDouble(e)
		return func(n *env) (row.Value, error) {
			v, bad := f(n)
			if bad != sound {
				return row.Value{}, bad.err()
			}
			return row.NewDouble(v), nil
		}, err
	case t.Kind == row.Decimal:
		f, err := compileWide(e)
		scale := t.Scale
		return func(n *env) (row.Value, error) {
			v, bad := f(n)
			if bad != sound {
				return row.Value{}, bad.err()
			}
			return row.NewDecimal(v, scale), nil
		}, err
	default:
		f, err := compileWhole(e)
		kind := t.Kind
		return func(n *env) (row.Value, error) {
			v, bad := f(n)
			if bad != sound {
				return row.Value{}, bad.err()
			}
			return row.NewIntegral(kind, v), nil
		}, err
	}
}

// holds evaluates a condition: NULL is not true, nor is what fails.
func holds(f wholeFunc, n *env, failures *int64) bool {
	v, bad := f(n)
	if bad > isNull {
		*failures++
	}
	return bad == sound && v != 0
}
