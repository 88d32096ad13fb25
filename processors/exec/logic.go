package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// logic is AND and OR in three-valued logic. A left side that decides leaves
// the right one unlooked at.
func logic(e *plan.Logic) (wholeFunc, error) {
	l, r, err := operands(compileWhole, e.L, e.R)
	decides := one(e.Or)
	return func(n *env) (int64, flaw) {
		x, bad := l(n)
		if bad > isNull || bad == sound && x == decides {
			return x, bad
		}
		y, badRight := r(n)
		if badRight > isNull || badRight == sound && y == decides {
			return y, badRight
		}
		return 1 - decides, max(bad, badRight)
	}, err
}

func not(e *plan.Not) (wholeFunc, error) {
	x, err := compileWhole(e.X)
	return func(n *env) (int64, flaw) {
		v, bad := x(n)
		return 1 - v, bad
	}, err
}

func nullness(e *plan.IsNull) (wholeFunc, error) {
	x, err := compile(e.X)
	negated := e.Negated
	return func(n *env) (int64, flaw) {
		v, err := x(n)
		if err != nil {
			return 0, flawOf(v, err)
		}
		return one(v.IsNull() != negated), sound
	}, err
}

// caseOf evaluates arms until one is true.
func caseOf(e *plan.Case) (eval, error) {
	type arm struct {
		cond wholeFunc
		then eval
	}
	arms := make([]arm, len(e.Whens))
	for i, w := range e.Whens {
		var err error
		if arms[i].cond, err = compileWhole(w.If); err != nil {
			return nil, err
		}
		if arms[i].then, err = compile(w.Then); err != nil {
			return nil, err
		}
	}
	otherwise := func(*env) (row.Value, error) { return row.Value{}, nil }
	if e.Else != nil {
		var err error
		if otherwise, err = compile(e.Else); err != nil {
			return nil, err
		}
	}
	return func(n *env) (row.Value, error) {
		for _, a := range arms {
			v, bad := a.cond(n)
			if bad > isNull {
				return row.Value{}, bad.err()
			}
			if bad == sound && v != 0 {
				return a.then(n)
			}
		}
		return otherwise(n)
	}, nil
}
