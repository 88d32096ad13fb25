package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// logic is AND and OR in three-valued logic. A left side that decides leaves
// the right one unlooked at.
func logic(e *plan.Logic) (eval, error) {
	l, err := compile(e.L)
	if err != nil {
		return nil, err
	}
	r, err := compile(e.R)
	if err != nil {
		return nil, err
	}
	decides := e.Or
	return func(n *env) (row.Value, error) {
		x, err := l(n)
		if err != nil || !x.IsNull() && x.Bool() == decides {
			return x, err
		}
		y, err := r(n)
		if err != nil || !y.IsNull() && y.Bool() == decides {
			return y, err
		}
		if x.IsNull() || y.IsNull() {
			return row.Value{}, nil
		}
		return row.NewBoolean(!decides), nil
	}, nil
}

func not(e *plan.Not) (eval, error) {
	x, err := compile(e.X)
	if err != nil {
		return nil, err
	}
	return func(n *env) (row.Value, error) {
		v, err := x(n)
		if err != nil || v.IsNull() {
			return row.Value{}, err
		}
		return row.NewBoolean(!v.Bool()), nil
	}, nil
}

func isNull(e *plan.IsNull) (eval, error) {
	x, err := compile(e.X)
	if err != nil {
		return nil, err
	}
	negated := e.Negated
	return func(n *env) (row.Value, error) {
		v, err := x(n)
		return row.NewBoolean(v.IsNull() != negated), err
	}, nil
}

// caseOf evaluates arms until one is true.
func caseOf(e *plan.Case) (eval, error) {
	type arm struct{ cond, then eval }
	arms := make([]arm, len(e.Whens))
	for i, w := range e.Whens {
		cond, err := compile(w.If)
		if err != nil {
			return nil, err
		}
		then, err := compile(w.Then)
		if err != nil {
			return nil, err
		}
		arms[i] = arm{cond, then}
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
			v, err := a.cond(n)
			if err != nil {
				return v, err
			}
			if v.Bool() {
				return a.then(n)
			}
		}
		return otherwise(n)
	}, nil
}
