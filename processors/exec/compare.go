package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// holds says whether a comparison holds, given the order of its operands.
func holds(op plan.CompareOp, order int) bool {
	switch op {
	case plan.Equal, plan.NotDistinct:
		return order == 0
	case plan.NotEqual, plan.Distinct:
		return order != 0
	case plan.Less:
		return order < 0
	case plan.LessEqual:
		return order <= 0
	case plan.Greater:
		return order > 0
	default:
		return order >= 0
	}
}

// compareValues applies a comparison to two non-NULL values. DOUBLEs compare by
// IEEE 754: NaN is unequal to everything, itself included.
func compareValues(op plan.CompareOp, x, y row.Value) bool {
	if x.Kind() == row.Double {
		a, b := x.Float64(), y.Float64()
		if a != a || b != b {
			return op == plan.NotEqual || op == plan.Distinct
		}
	}
	return holds(op, row.Compare(x, y))
}

func comparison(e *plan.Comparison) (eval, error) {
	if e.Op == plan.Distinct || e.Op == plan.NotDistinct {
		return distinct(e)
	}
	op := e.Op
	return both(e.L, e.R, func(l, r row.Value) (row.Value, error) {
		return row.NewBoolean(compareValues(op, l, r)), nil
	})
}

// distinct takes NULL for a value.
func distinct(e *plan.Comparison) (eval, error) {
	l, err := compile(e.L)
	if err != nil {
		return nil, err
	}
	r, err := compile(e.R)
	if err != nil {
		return nil, err
	}
	op := e.Op
	return func(n *env) (row.Value, error) {
		x, err := l(n)
		if err != nil {
			return x, err
		}
		y, err := r(n)
		if err != nil {
			return y, err
		}
		if x.IsNull() || y.IsNull() {
			same := x.IsNull() && y.IsNull()
			return row.NewBoolean(same == (op == plan.NotDistinct)), nil
		}
		return row.NewBoolean(compareValues(op, x, y)), nil
	}, nil
}

// in is three-valued: not found among NULLs is NULL.
func in(e *plan.In) (eval, error) {
	x, err := compile(e.X)
	if err != nil {
		return nil, err
	}
	list, err := compileAll(e.List)
	if err != nil {
		return nil, err
	}
	negated := e.Negated
	return func(n *env) (row.Value, error) {
		v, err := x(n)
		if err != nil || v.IsNull() {
			return row.Value{}, err
		}
		unknown := false
		for _, f := range list {
			item, err := f(n)
			if err != nil {
				return item, err
			}
			if item.IsNull() {
				unknown = true
			} else if compareValues(plan.Equal, v, item) {
				return row.NewBoolean(!negated), nil
			}
		}
		if unknown {
			return row.Value{}, nil
		}
		return row.NewBoolean(negated), nil
	}, nil
}
