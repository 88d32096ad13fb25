package exec

import (
	"fmt"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// compile makes an expression's function. It fails only on a plan that another
// version of the planner made.
func compile(e plan.Expr) (eval, error) {
	switch e := e.(type) {
	case *plan.Literal:
		v := e.Value
		return func(*env) (row.Value, error) { return v, nil }, nil
	case *plan.Column:
		return column(e.Index), nil
	case *plan.System:
		return system(e.Which), nil
	case *plan.Group:
		i := e.Index
		return func(n *env) (row.Value, error) { return n.groups[i], nil }, nil
	case *plan.Aggregate:
		i := e.Index
		return func(n *env) (row.Value, error) { return n.aggregates[i], n.failures[i] }, nil
	case *plan.OverValue:
		i := e.Index
		return func(n *env) (row.Value, error) { return n.aggregates[i], n.failures[i] }, nil
	case *plan.Exploded:
		i := e.Index
		return func(n *env) (row.Value, error) { return n.exploded[i], nil }, nil
	case *plan.WindowBound:
		if e.End {
			return func(n *env) (row.Value, error) { return row.NewBigint(n.end), nil }, nil
		}
		return func(n *env) (row.Value, error) { return row.NewBigint(n.start), nil }, nil
	case *plan.Arithmetic, *plan.Comparison, *plan.Logic, *plan.Not, *plan.IsNull:
		return boxed(e)
	case *plan.Negate:
		return negate(e)
	case *plan.In:
		return in(e)
	case *plan.Like:
		return like(e)
	case *plan.Case:
		return caseOf(e)
	case *plan.Cast:
		return cast(e)
	case *plan.Concat:
		return concat(e)
	case *plan.Call:
		return call(e)
	case *plan.Let:
		return let(e)
	case *plan.Local:
		return local(e), nil
	case *shared:
		return compileShared(e)
	case *failed:
		failure := e.err
		return func(*env) (row.Value, error) { return row.Value{}, failure }, nil
	case *root:
		f, err := compile(e.Expr)
		return func(n *env) (row.Value, error) {
			n.budget.Reset()
			return f(n)
		}, err
	}
	return nil, fmt.Errorf("expression %s has no executor", e)
}

func compileAll(list []plan.Expr) ([]eval, error) {
	evals := make([]eval, len(list))
	for i, e := range list {
		var err error
		if evals[i], err = compile(e); err != nil {
			return nil, err
		}
	}
	return evals, nil
}

// both is an operator that is NULL where an operand is.
func both(left, right plan.Expr, f func(n *env, l, r row.Value) (row.Value, error)) (eval, error) {
	l, r, err := operands(compile, left, right)
	return func(n *env) (row.Value, error) {
		x, err := l(n)
		if err != nil {
			return x, err
		}
		y, err := r(n)
		if err != nil || x.IsNull() || y.IsNull() {
			return row.Value{}, err
		}
		return f(n, x, y)
	}, err
}

func column(i int) eval {
	return func(n *env) (row.Value, error) { return n.table.Columns[i].Value(n.row), nil }
}

func system(which plan.SystemColumn) eval {
	switch which {
	case plan.RowPartition:
		return func(n *env) (row.Value, error) { return row.NewInt(int64(n.record.Partition)), nil }
	case plan.RowOffset:
		return func(n *env) (row.Value, error) { return row.NewBigint(n.record.Offset), nil }
	case plan.RowNow:
		return func(n *env) (row.Value, error) {
			if n.record.Now < 0 {
				return row.Value{}, nil
			}
			return row.NewTimestamp(n.record.Now), nil
		}
	case plan.RowTopic:
		return func(n *env) (row.Value, error) { return row.NewString(n.record.Topic), nil }
	case plan.RowKey:
		return func(n *env) (row.Value, error) {
			if n.record.Key == nil {
				return row.Value{}, nil
			}
			return row.NewString(string(n.record.Key)), nil
		}
	default:
		return func(n *env) (row.Value, error) { return row.NewBigint(n.record.EventTime), nil }
	}
}
