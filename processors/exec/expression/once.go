package expression

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// ComputedOnce returns a query in which constant expressions are computed now, and
// expressions that occur in several places are computed once for each record. A constant
// expression that fails now still fails, and is counted, for each record.
func ComputedOnce(q *plan.Query) *plan.Query {
	out := *q
	if q.Aggregation != nil {
		agg := *q.Aggregation
		out.Aggregation = &agg
	}
	rewrite(&out, foldLiterals)
	if repeated := plan.Repeated(&out); len(repeated) > 0 {
		rewriteOverRecord(&out, func(e plan.Expr) plan.Expr { return share(e, repeated) })
	}
	rewrite(&out, Rooted)
	return &out
}

// rewrite applies f to all expressions of a query but OVER's.
func rewrite(q *plan.Query, f func(plan.Expr) plan.Expr) {
	rewriteOverRecord(q, f)
	if agg := q.Aggregation; agg != nil {
		q.Items, q.Key = each(q.Items, f), each(q.Key, f)
		if agg.Having != nil {
			agg.Having = f(agg.Having)
		}
	}
}

// rewriteOverRecord applies f to the expressions that see a record.
func rewriteOverRecord(q *plan.Query, f func(plan.Expr) plan.Expr) {
	if q.Where != nil {
		q.Where = f(q.Where)
	}
	agg := q.Aggregation
	if agg == nil {
		q.Explode, q.Items, q.Key = each(q.Explode, f), each(q.Items, f), each(q.Key, f)
		return
	}
	agg.GroupBy = each(agg.GroupBy, f)
	calls := make([]plan.AggregateCall, len(agg.Aggregates))
	for i, call := range agg.Aggregates {
		call.Args = each(call.Args, f)
		calls[i] = call
	}
	agg.Aggregates = calls
}

func each(list []plan.Expr, f func(plan.Expr) plan.Expr) []plan.Expr {
	out := make([]plan.Expr, len(list))
	for i, e := range list {
		out[i] = f(e)
	}
	return out
}

// foldLiterals computes what is made of literals alone.
func foldLiterals(e plan.Expr) plan.Expr {
	_, lambda := e.(*plan.Lambda) // has no value of its own
	closed, any := !lambda, false
	out := plan.Rebuild(e, func(x plan.Expr) plan.Expr {
		x = foldLiterals(x)
		_, literal := x.(*plan.Literal)
		_, failure := x.(*failed)
		closed, any = closed && (literal || failure), true
		return x
	})
	if !closed || !any {
		return out
	}
	f, err := Compile(out)
	if err != nil {
		return out
	}
	v, err := f(&Env{})
	if err != nil {
		return &failed{out, err}
	}
	return &plan.Literal{Value: v, T: out.Type()}
}

// shared is an expression that a record is asked for in several places.
type shared struct {
	plan.Expr
	slot int
}

// share replaces what is among repeated, except in lambdas: each step of one counts in the budget.
func share(e plan.Expr, repeated []plan.Expr) plan.Expr {
	if _, lambda := e.(*plan.Lambda); lambda {
		return e
	}
	for i, r := range repeated {
		if plan.Same(e, r) {
			return &shared{Expr: e, slot: i}
		}
	}
	return plan.Rebuild(e, func(x plan.Expr) plan.Expr { return share(x, repeated) })
}

// kept is the outcome of a shared expression for the record of a turn.
type kept struct {
	turn  uint64
	value row.Value
	err   error
	// produced is the number of bytes that computing it takes from a budget, once in each root.
	produced int64
}

// compileShared computes an expression where the record is first asked for it.
func compileShared(e *shared) (Eval, error) {
	f, err := Compile(e.Expr)
	slot := e.slot
	return func(n *Env) (row.Value, error) {
		for len(n.kept) <= slot {
			n.kept = append(n.kept, kept{})
		}
		if n.kept[slot].turn != n.turn {
			outer := n.budget.Begin()
			v, err := f(n) // which may keep others, and move them
			n.kept[slot] = kept{n.turn, v, err, n.budget.End(outer)}
		}
		k := &n.kept[slot]
		if err := n.budget.Produce(k.produced); err != nil {
			return row.Value{}, err
		}
		return k.value, k.err
	}, err
}
