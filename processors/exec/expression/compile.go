package expression

import (
	"fmt"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// Compile compiles an expression. It fails only for a plan of another version of the
// planner.
func Compile(e plan.Expr) (Eval, error) {
	switch e := e.(type) {
	case *plan.Literal:
		v := e.Value
		return func(*Env) (row.Value, error) { return v, nil }, nil
	case *plan.Column:
		return column(e.Index), nil
	case *plan.System:
		return system(e.Which), nil
	case *plan.Group:
		i := e.Index
		return func(n *Env) (row.Value, error) { return n.Groups[i], nil }, nil
	case *plan.Aggregate:
		i := e.Index
		return func(n *Env) (row.Value, error) { return n.Aggregates[i], n.Failures[i] }, nil
	case *plan.OverValue:
		i := e.Index
		return func(n *Env) (row.Value, error) { return n.Aggregates[i], n.Failures[i] }, nil
	case *plan.Exploded:
		i := e.Index
		return func(n *Env) (row.Value, error) { return n.Exploded[i], nil }, nil
	case *plan.WindowBound:
		if e.End {
			return func(n *Env) (row.Value, error) { return row.NewBigint(n.End), nil }, nil
		}
		return func(n *Env) (row.Value, error) { return row.NewBigint(n.Start), nil }, nil
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
		return func(*Env) (row.Value, error) { return row.Value{}, failure }, nil
	case *root:
		f, err := Compile(e.Expr)
		return func(n *Env) (row.Value, error) {
			n.budget.Reset()
			return f(n)
		}, err
	}
	return nil, fmt.Errorf("expression %s is not implemented", e)
}

func CompileAll(list []plan.Expr) ([]Eval, error) {
	evals := make([]Eval, len(list))
	for i, e := range list {
		var err error
		if evals[i], err = Compile(e); err != nil {
			return nil, err
		}
	}
	return evals, nil
}

// both is an operator that is NULL where an operand is.
func both(left, right plan.Expr, f func(n *Env, l, r row.Value) (row.Value, error)) (Eval, error) {
	l, r, err := operands(Compile, left, right)
	return func(n *Env) (row.Value, error) {
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

func column(i int) Eval {
	return func(n *Env) (row.Value, error) { return n.Table.Columns[i].Value(n.Row), nil }
}

func system(which plan.SystemColumn) Eval {
	switch which {
	case plan.RowPartition:
		return func(n *Env) (row.Value, error) { return row.NewInt(int64(n.Record.Partition)), nil }
	case plan.RowOffset:
		return func(n *Env) (row.Value, error) { return row.NewBigint(n.Record.Offset), nil }
	case plan.RowNow:
		return func(n *Env) (row.Value, error) {
			if n.Record.Now < 0 {
				return row.Value{}, nil
			}
			return row.NewTimestamp(n.Record.Now), nil
		}
	case plan.RowTopic:
		return func(n *Env) (row.Value, error) { return row.NewString(n.Record.Topic), nil }
	case plan.RowKey:
		return func(n *Env) (row.Value, error) {
			if n.Record.Key == nil {
				return row.Value{}, nil
			}
			return row.NewString(string(n.Record.Key)), nil
		}
	default:
		return func(n *Env) (row.Value, error) { return row.NewBigint(n.Record.EventTime), nil }
	}
}
