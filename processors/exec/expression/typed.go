package expression

import (
	"errors"
	"slices"

	"parallax/processors/functions"
	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// An expression becomes a function of the kind of its result, which hands its
// value over in registers. Beside it goes a flaw: why there is no value. What
// has no function of its own here, functions of the registry above all, is
// computed on row.Values (see compile) and unboxed.
type (
	WholeFunc  func(*Env) (int64, Flaw) // BOOLEAN (0, 1), INT, BIGINT, TIMESTAMP, DATE, TIME
	DoubleFunc func(*Env) (float64, Flaw)
	WideFunc   func(*Env) (numeric.Int128, Flaw) // DECIMAL, unscaled, at its type's scale
)

// Flaw is the reason why an expression has no value.
type Flaw uint8

const (
	Sound Flaw = iota // it has a value
	IsNull
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
	ErrOverflow = functions.ErrOverflow
	ErrCast     = errors.New("the value cannot be cast")
)

var flawErrors = [...]error{
	badDivision: errDivision, badOverflow: ErrOverflow, badCast: ErrCast, badArgument: functions.ErrArgument,
	badSize: functions.ErrResultSize, badProduced: functions.ErrProduced,
}

// Err returns a flaw's error; nil for Sound and for NULL.
func (f Flaw) Err() error { return flawErrors[f] }

// Reasons returns the texts of all flaws. None contains a value.
func Reasons() (texts []string) {
	for _, err := range flawErrors {
		if err != nil {
			texts = append(texts, err.Error())
		}
	}
	return texts
}

// FlawOf returns the flaw that corresponds to a function's result.
func FlawOf(v row.Value, err error) Flaw {
	switch {
	case err == nil && v.IsNull():
		return IsNull
	case err == nil:
		return Sound
	}
	return Flaw(slices.Index(flawErrors[:], err))
}

func IsWhole(k row.Kind) bool {
	switch k {
	case row.Boolean, row.Int, row.Bigint, row.Timestamp, row.Date, row.Time:
		return true
	}
	return false
}

// Constant returns the value of an expression that reads nothing.
func Constant(e plan.Expr) (row.Value, bool) {
	switch e := e.(type) {
	case *plan.Literal:
		return e.Value, true
	case *plan.Cast:
		if v, ok := Constant(e.X); ok && !v.IsNull() {
			return CastValue(v, e.T)
		}
	}
	return row.Value{}, false
}

// CompileWhole compiles an expression whose value fits an int64.
func CompileWhole(e plan.Expr) (WholeFunc, error) {
	if v, ok := Constant(e); ok && !v.IsNull() {
		n := v.Int64()
		return func(*Env) (int64, Flaw) { return n, Sound }, nil
	}
	switch e := e.(type) {
	case *plan.Column:
		return wholeColumn(e.Index), nil
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
		f, err := CompileWhole(e.Expr)
		return func(n *Env) (int64, Flaw) {
			n.budget.Reset()
			return f(n)
		}, err
	}
	f, err := Compile(e)
	return func(n *Env) (int64, Flaw) {
		v, err := f(n)
		return v.Int64(), FlawOf(v, err)
	}, err
}

// wholeColumn reads a column whose values fit an int64.
func wholeColumn(i int) WholeFunc {
	return func(n *Env) (int64, Flaw) {
		c := n.Table.Columns[i]
		if !c.Valid(n.Row) {
			return 0, IsNull
		}
		return c.Int64(n.Row), Sound
	}
}

// CompileDouble compiles an expression whose type is DOUBLE.
func CompileDouble(e plan.Expr) (DoubleFunc, error) {
	if v, ok := Constant(e); ok && !v.IsNull() {
		n := v.Float64()
		return func(*Env) (float64, Flaw) { return n, Sound }, nil
	}
	switch e := e.(type) {
	case *plan.Column:
		i := e.Index
		return func(n *Env) (float64, Flaw) {
			c := n.Table.Columns[i]
			if !c.Valid(n.Row) {
				return 0, IsNull
			}
			return c.Float64(n.Row), Sound
		}, nil
	case *plan.Arithmetic:
		return doubleArithmetic(e)
	case *plan.Cast:
		if k := e.X.Type().Kind; k == row.Int || k == row.Bigint {
			x, err := CompileWhole(e.X)
			return func(n *Env) (float64, Flaw) {
				v, bad := x(n)
				return float64(v), bad
			}, err
		}
	case *root:
		f, err := CompileDouble(e.Expr)
		return func(n *Env) (float64, Flaw) {
			n.budget.Reset()
			return f(n)
		}, err
	}
	f, err := Compile(e)
	return func(n *Env) (float64, Flaw) {
		v, err := f(n)
		return v.Float64(), FlawOf(v, err)
	}, err
}

func CompileWide(e plan.Expr) (WideFunc, error) {
	if v, ok := Constant(e); ok && !v.IsNull() {
		n, _ := v.Decimal()
		return func(*Env) (numeric.Int128, Flaw) { return n, Sound }, nil
	}
	switch e := e.(type) {
	case *plan.Column:
		i := e.Index
		return func(n *Env) (numeric.Int128, Flaw) {
			c := n.Table.Columns[i]
			if !c.Valid(n.Row) {
				return numeric.Int128{}, IsNull
			}
			return c.Int128(n.Row), Sound
		}, nil
	case *plan.Arithmetic:
		return wideArithmetic(e)
	case *plan.Cast:
		if k := e.X.Type().Kind; k == row.Int || k == row.Bigint {
			return widen(e)
		}
	case *root:
		f, err := CompileWide(e.Expr)
		return func(n *Env) (numeric.Int128, Flaw) {
			n.budget.Reset()
			return f(n)
		}, err
	}
	f, err := Compile(e)
	return func(n *Env) (numeric.Int128, Flaw) {
		v, err := f(n)
		d, _ := v.Decimal()
		return d, FlawOf(v, err)
	}, err
}

// widen is the cast of an integer to DECIMAL.
func widen(e *plan.Cast) (WideFunc, error) {
	x, err := CompileWhole(e.X)
	to := e.T
	return func(n *Env) (numeric.Int128, Flaw) {
		v, bad := x(n)
		if bad != Sound {
			return numeric.Int128{}, bad
		}
		d, ok := numeric.DecimalRescale(numeric.Int128Of(v), 0, to.Scale)
		if !ok || !d.Fits(to.Precision) {
			return d, badCast
		}
		return d, Sound
	}, err
}

// boxed is a typed expression that returns a row.Value.
func boxed(e plan.Expr) (Eval, error) {
	switch t := e.Type(); {
	case t.Kind == row.Double:
		f, err := CompileDouble(e)
		return func(n *Env) (row.Value, error) {
			v, bad := f(n)
			if bad != Sound {
				return row.Value{}, bad.Err()
			}
			return row.NewDouble(v), nil
		}, err
	case t.Kind == row.Decimal:
		f, err := CompileWide(e)
		scale := t.Scale
		return func(n *Env) (row.Value, error) {
			v, bad := f(n)
			if bad != Sound {
				return row.Value{}, bad.Err()
			}
			return row.NewDecimal(v, scale), nil
		}, err
	default:
		f, err := CompileWhole(e)
		kind := t.Kind
		return func(n *Env) (row.Value, error) {
			v, bad := f(n)
			if bad != Sound {
				return row.Value{}, bad.Err()
			}
			return row.NewIntegral(kind, v), nil
		}, err
	}
}

// Holds evaluates a condition: NULL and failures count as not true.
func Holds(f WholeFunc, n *Env, failures *int64) bool {
	v, bad := f(n)
	if bad > IsNull {
		*failures++
	}
	return bad == Sound && v != 0
}
