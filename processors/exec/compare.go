package exec

import (
	"cmp"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// orders says which orders of its operands make a comparison true.
type orders struct{ less, equal, greater bool }

func ordersOf(op plan.CompareOp) orders {
	return [...]orders{
		plan.Equal: {equal: true}, plan.NotDistinct: {equal: true},
		plan.NotEqual: {less: true, greater: true}, plan.Distinct: {less: true, greater: true},
		plan.Less: {less: true}, plan.LessEqual: {less: true, equal: true},
		plan.Greater: {greater: true}, plan.GreaterEqual: {greater: true, equal: true},
	}[op]
}

// holdFor says whether the comparison holds for an order, as 0 or 1.
func (o orders) holdFor(order int) int64 {
	if order < 0 && o.less || order == 0 && o.equal || order > 0 && o.greater {
		return 1
	}
	return 0
}

// comparison compares operands of one kind. DOUBLEs compare by IEEE 754: NaN is
// unequal to everything, itself included.
func comparison(e *plan.Comparison) (wholeFunc, error) {
	if e.Op == plan.Distinct || e.Op == plan.NotDistinct {
		return distinct(e)
	}
	o := ordersOf(e.Op)
	switch k := e.L.Type().Kind; {
	case k == row.Decimal:
		return compareWide(e, o)
	case isWhole(k):
		l, r, err := operands(compileWhole, e.L, e.R)
		return strict(l, r, func(x, y int64) (int64, flaw) { return o.holdFor(cmp.Compare(x, y)), sound }), err
	case k == row.Double:
		l, r, err := operands(compileDouble, e.L, e.R)
		return strict(l, r, func(x, y float64) (int64, flaw) { return compareDoubles(o, x, y), sound }), err
	}
	l, r, err := operands(compile, e.L, e.R)
	op := e.Op
	return func(n *env) (int64, flaw) {
		x, err := l(n)
		if err != nil {
			return 0, flawOf(x, err)
		}
		y, err := r(n)
		if bad := max(flawOf(x, nil), flawOf(y, err)); bad != sound {
			return 0, bad
		}
		return one(compareValues(op, x, y)), sound
	}, err
}

func compareDoubles(o orders, x, y float64) int64 {
	if x != x || y != y {
		return one(o.less && o.greater)
	}
	return o.holdFor(cmp.Compare(x, y))
}

// compareWide compares DECIMALs of any two scales.
func compareWide(e *plan.Comparison, o orders) (wholeFunc, error) {
	l, r, err := operands(compileWide, e.L, e.R)
	sl, sr := e.L.Type().Scale, e.R.Type().Scale
	if sl == sr {
		return strict(l, r, func(x, y row.Int128) (int64, flaw) { return o.holdFor(x.Cmp(y)), sound }), err
	}
	if v, ok := constant(e.R); ok && !v.IsNull() && sl > sr {
		// The usual case, a column beside a rounder literal: it is brought to the
		// column's scale once.
		d, _ := v.Decimal()
		if d, ok := row.DecimalRescale(d, sr, sl); ok {
			return func(n *env) (int64, flaw) {
				x, bad := l(n)
				return o.holdFor(x.Cmp(d)), bad
			}, err
		}
	}
	return strict(l, r, func(x, y row.Int128) (int64, flaw) {
		return o.holdFor(row.Compare(row.NewDecimal(x, sl), row.NewDecimal(y, sr))), sound
	}), err
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// compareValues applies a comparison to two values that are not NULL, of types that
// have a common type.
func compareValues(op plan.CompareOp, x, y row.Value) bool {
	o := ordersOf(op)
	if x.Kind() == row.Double || y.Kind() == row.Double {
		return compareDoubles(o, x.AsDouble(), y.AsDouble()) != 0
	}
	return o.holdFor(row.CompareAcross(x, y)) != 0
}

// distinct takes NULL for a value.
func distinct(e *plan.Comparison) (wholeFunc, error) {
	l, r, err := operands(compile, e.L, e.R)
	op := e.Op
	return func(n *env) (int64, flaw) {
		x, err := l(n)
		if err != nil {
			return 0, flawOf(x, err)
		}
		y, err := r(n)
		switch {
		case err != nil:
			return 0, flawOf(y, err)
		case x.IsNull() || y.IsNull():
			same := x.IsNull() && y.IsNull()
			return one(same == (op == plan.NotDistinct)), sound
		}
		return one(compareValues(op, x, y)), sound
	}, err
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
