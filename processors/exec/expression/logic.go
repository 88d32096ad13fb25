package expression

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// logic is AND and OR in three-valued logic. A left side that decides leaves
// the right one unlooked at.
func logic(e *plan.Logic) (WholeFunc, error) {
	l, r, err := operands(CompileWhole, e.L, e.R)
	decides := one(e.Or)
	return func(n *Env) (int64, Flaw) {
		x, bad := l(n)
		if bad > IsNull || bad == Sound && x == decides {
			return x, bad
		}
		y, badRight := r(n)
		if badRight > IsNull || badRight == Sound && y == decides {
			return y, badRight
		}
		return 1 - decides, max(bad, badRight)
	}, err
}

func not(e *plan.Not) (WholeFunc, error) {
	x, err := CompileWhole(e.X)
	return func(n *Env) (int64, Flaw) {
		v, bad := x(n)
		return 1 - v, bad
	}, err
}

func nullness(e *plan.IsNull) (WholeFunc, error) {
	x, err := Compile(e.X)
	negated := e.Negated
	return func(n *Env) (int64, Flaw) {
		v, err := x(n)
		if err != nil {
			return 0, FlawOf(v, err)
		}
		return one(v.IsNull() != negated), Sound
	}, err
}

// caseOf evaluates arms until one is true.
func caseOf(e *plan.Case) (Eval, error) {
	type arm struct {
		cond WholeFunc
		then Eval
	}
	arms := make([]arm, len(e.Whens))
	for i, w := range e.Whens {
		var err error
		if arms[i].cond, err = CompileWhole(w.If); err != nil {
			return nil, err
		}
		if arms[i].then, err = Compile(w.Then); err != nil {
			return nil, err
		}
	}
	otherwise := func(*Env) (row.Value, error) { return row.Value{}, nil }
	if e.Else != nil {
		var err error
		if otherwise, err = Compile(e.Else); err != nil {
			return nil, err
		}
	}
	return func(n *Env) (row.Value, error) {
		for _, a := range arms {
			v, bad := a.cond(n)
			if bad > IsNull {
				return row.Value{}, bad.Err()
			}
			if bad == Sound && v != 0 {
				return a.then(n)
			}
		}
		return otherwise(n)
	}, nil
}
