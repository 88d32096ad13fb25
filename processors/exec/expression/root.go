package expression

import (
	"parallax/processors/functions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// root is an expression that is evaluated by itself, not as a part of another one: its budget is new for
// each evaluation.
type root struct{ plan.Expr }

// Rooted makes an expression a root, which gets its own budget. An expression that produces nothing is returned as it is.
func Rooted(e plan.Expr) plan.Expr {
	if e = foldLiterals(e); produces(e) {
		return &root{e}
	}
	return e
}

func AllRooted(list []plan.Expr) []plan.Expr { return each(list, Rooted) }

// produces reports whether evaluating an expression counts in a budget.
func produces(e plan.Expr) bool {
	isText := func() bool { k := e.Type().Kind; return k == row.String || k == row.Bytes || k.IsNested() }
	switch e := e.(type) {
	case *root:
		return false // it has its own
	case *shared:
		return produces(e.Expr)
	case *plan.Lambda, *plan.Concat:
		return true
	case *plan.Call:
		if f := functions.Lookup(e.Func); !f.Picks && isText() {
			return true
		}
	case *plan.Cast:
		if isText() {
			return true
		}
	}
	found := false
	plan.Rebuild(e, func(x plan.Expr) plan.Expr {
		found = found || produces(x)
		return x
	})
	return found
}

// failed is a constant part that has no value: it fails whenever it is evaluated.
type failed struct {
	plan.Expr
	err error
}

// concat is ||.
func concat(e *plan.Concat) (Eval, error) {
	return both(e.L, e.R, func(n *Env, l, r row.Value) (row.Value, error) {
		if len(l.Str())+len(r.Str()) > functions.MaxResult {
			return row.Value{}, functions.ErrResultSize
		}
		v := row.NewString(l.Str() + r.Str())
		return v, n.budget.Result(v)
	})
}
