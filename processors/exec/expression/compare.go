package expression

import (
	"cmp"

	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// orders says which orders of its operands make a comparison true.
type orders struct{ Less, Equal, Greater bool }

func OrdersOf(op plan.CompareOp) orders {
	return [...]orders{
		plan.Equal: {Equal: true}, plan.NotDistinct: {Equal: true},
		plan.NotEqual: {Less: true, Greater: true}, plan.Distinct: {Less: true, Greater: true},
		plan.Less: {Less: true}, plan.LessEqual: {Less: true, Equal: true},
		plan.Greater: {Greater: true}, plan.GreaterEqual: {Greater: true, Equal: true},
	}[op]
}

// holdFor says whether the comparison holds for an order, as 0 or 1.
func (o orders) holdFor(order int) int64 {
	if order < 0 && o.Less || order == 0 && o.Equal || order > 0 && o.Greater {
		return 1
	}
	return 0
}

// comparison compares operands of one kind. DOUBLEs compare by IEEE 754: NaN is
// unequal to everything, itself included.
func comparison(e *plan.Comparison) (WholeFunc, error) {
	if e.Op == plan.Distinct || e.Op == plan.NotDistinct {
		return distinct(e)
	}
	o := OrdersOf(e.Op)
	switch k := e.L.Type().Kind; {
	case k == row.Decimal:
		return compareWide(e, o)
	case IsWhole(k):
		l, r, err := operands(CompileWhole, e.L, e.R)
		return strict(l, r, func(x, y int64) (int64, Flaw) { return o.holdFor(cmp.Compare(x, y)), Sound }), err
	case k == row.Double:
		l, r, err := operands(CompileDouble, e.L, e.R)
		return strict(l, r, func(x, y float64) (int64, Flaw) { return compareDoubles(o, x, y), Sound }), err
	}
	l, r, err := operands(Compile, e.L, e.R)
	op := e.Op
	return func(n *Env) (int64, Flaw) {
		x, err := l(n)
		if err != nil {
			return 0, FlawOf(x, err)
		}
		y, err := r(n)
		if bad := max(FlawOf(x, nil), FlawOf(y, err)); bad != Sound {
			return 0, bad
		}
		return one(compareValues(op, x, y)), Sound
	}, err
}

func compareDoubles(o orders, x, y float64) int64 {
	if x != x || y != y {
		return one(o.Less && o.Greater)
	}
	return o.holdFor(cmp.Compare(x, y))
}

// compareWide compares DECIMALs of any two scales.
func compareWide(e *plan.Comparison, o orders) (WholeFunc, error) {
	l, r, err := operands(CompileWide, e.L, e.R)
	sl, sr := e.L.Type().Scale, e.R.Type().Scale
	if sl == sr {
		return strict(l, r, func(x, y numeric.Int128) (int64, Flaw) { return o.holdFor(x.Cmp(y)), Sound }), err
	}
	if v, ok := Constant(e.R); ok && !v.IsNull() && sl > sr {
		// The usual case, a column beside a rounder literal: it is brought to the
		// column's scale once.
		d, _ := v.Decimal()
		if d, ok := numeric.DecimalRescale(d, sr, sl); ok {
			return func(n *Env) (int64, Flaw) {
				x, bad := l(n)
				return o.holdFor(x.Cmp(d)), bad
			}, err
		}
	}
	return strict(l, r, func(x, y numeric.Int128) (int64, Flaw) {
		return o.holdFor(row.Compare(row.NewDecimal(x, sl), row.NewDecimal(y, sr))), Sound
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
	o := OrdersOf(op)
	if x.Kind() == row.Double || y.Kind() == row.Double {
		return compareDoubles(o, x.AsDouble(), y.AsDouble()) != 0
	}
	return o.holdFor(row.CompareAcross(x, y)) != 0
}

// distinct takes NULL for a value.
func distinct(e *plan.Comparison) (WholeFunc, error) {
	l, r, err := operands(Compile, e.L, e.R)
	op := e.Op
	return func(n *Env) (int64, Flaw) {
		x, err := l(n)
		if err != nil {
			return 0, FlawOf(x, err)
		}
		y, err := r(n)
		switch {
		case err != nil:
			return 0, FlawOf(y, err)
		case x.IsNull() || y.IsNull():
			same := x.IsNull() && y.IsNull()
			return one(same == (op == plan.NotDistinct)), Sound
		}
		return one(compareValues(op, x, y)), Sound
	}, err
}

// in is three-valued: not found among NULLs is NULL.
func in(e *plan.In) (Eval, error) {
	x, err := Compile(e.X)
	if err != nil {
		return nil, err
	}
	list, err := CompileAll(e.List)
	if err != nil {
		return nil, err
	}
	negated := e.Negated
	return func(n *Env) (row.Value, error) {
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
