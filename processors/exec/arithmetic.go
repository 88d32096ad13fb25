package exec

import (
	"math"
	"math/bits"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// arithmetic returns the function of two non-NULL operands of one kind.
func arithmetic(e *plan.Arithmetic) func(l, r row.Value) (row.Value, error) {
	switch e.T.Kind {
	case row.Double:
		f := doubles[e.Op]
		return func(l, r row.Value) (row.Value, error) { return row.NewDouble(f(l.Float64(), r.Float64())), nil }
	case row.Decimal:
		t := e.T
		f := decimals[e.Op]
		return func(l, r row.Value) (row.Value, error) {
			v, ok := f(l, r, t.Scale)
			if !ok || v.Digits() > t.Precision {
				if _, divides := divisions[e.Op]; divides && isZero(r) {
					return row.Value{}, errDivision
				}
				return row.Value{}, errOverflow
			}
			return row.NewDecimal(v, t.Scale), nil
		}
	default:
		kind := e.T.Kind
		f := integers[e.Op]
		_, divides := divisions[e.Op]
		return func(l, r row.Value) (row.Value, error) {
			if divides && r.Int64() == 0 {
				return row.Value{}, errDivision
			}
			v, ok := f(l.Int64(), r.Int64())
			if !ok || kind == row.Int && v != int64(int32(v)) {
				return row.Value{}, errOverflow
			}
			return row.NewIntegral(kind, v), nil
		}
	}
}

var divisions = map[plan.ArithmeticOp]struct{}{'/': {}, '%': {}}

func isZero(v row.Value) bool {
	d, _ := v.Decimal()
	return d.Sign() == 0
}

// doubles follow IEEE 754.
var doubles = map[plan.ArithmeticOp]func(a, b float64) float64{
	'+': func(a, b float64) float64 { return a + b },
	'-': func(a, b float64) float64 { return a - b },
	'*': func(a, b float64) float64 { return a * b },
	'/': func(a, b float64) float64 { return a / b },
	'%': math.Mod,
}

// integers report overflow. Division truncates, the remainder has the
// dividend's sign; the divisor is not 0.
var integers = map[plan.ArithmeticOp]func(a, b int64) (int64, bool){
	'+': func(a, b int64) (int64, bool) {
		sum := a + b
		return sum, (a^sum)&(b^sum) >= 0
	},
	'-': func(a, b int64) (int64, bool) {
		diff := a - b
		return diff, (a^b)&(a^diff) >= 0
	},
	'*': multiply,
	'/': func(a, b int64) (int64, bool) { return a / b, a != math.MinInt64 || b != -1 },
	'%': func(a, b int64) (int64, bool) {
		if b == -1 {
			return 0, true
		}
		return a % b, true
	},
}

func multiply(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if (a < 0) != (b < 0) {
		return -int64(lo), hi == 0 && lo <= 1<<63
	}
	return int64(lo), hi == 0 && lo < 1<<63
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// decimals compute exactly and bring the result to a scale, half away from zero.
var decimals = map[plan.ArithmeticOp]func(l, r row.Value, scale int) (row.Int128, bool){
	'+': func(l, r row.Value, scale int) (row.Int128, bool) { return addDecimals(l, r, scale, row.Int128.Add) },
	'-': func(l, r row.Value, scale int) (row.Int128, bool) { return addDecimals(l, r, scale, row.Int128.Sub) },
	'*': func(l, r row.Value, scale int) (row.Int128, bool) {
		a, sa := l.Decimal()
		b, sb := r.Decimal()
		v, ok := a.Mul(b)
		if !ok {
			return bigProduct(a, b, sa+sb, scale)
		}
		return row.DecimalRescale(v, sa+sb, scale)
	},
	'/': func(l, r row.Value, scale int) (row.Int128, bool) {
		a, sa := l.Decimal()
		b, sb := r.Decimal()
		return row.DecimalDiv(a, sa, b, sb, scale)
	},
	'%': remainder,
}

// addDecimals adds or subtracts at the larger scale, where nothing is lost.
func addDecimals(l, r row.Value, scale int, op func(a, b row.Int128) (row.Int128, bool)) (row.Int128, bool) {
	a, sa := l.Decimal()
	b, sb := r.Decimal()
	common := max(sa, sb)
	x, xok := row.DecimalRescale(a, sa, common)
	y, yok := row.DecimalRescale(b, sb, common)
	if !xok || !yok {
		return bigSum(a, sa, b, sb, scale, op)
	}
	v, ok := op(x, y)
	if !ok {
		return bigSum(a, sa, b, sb, scale, op) // it may fit again at the smaller scale
	}
	return row.DecimalRescale(v, common, scale)
}

// remainder has the dividend's sign.
func remainder(l, r row.Value, scale int) (row.Int128, bool) {
	a, sa := l.Decimal()
	b, sb := r.Decimal()
	common := max(sa, sb)
	x, y := scaledBig(a, sa, common), scaledBig(b, sb, common)
	if y.Sign() == 0 {
		return row.Int128{}, false
	}
	v, ok := row.Int128FromBig(x.Rem(x, y))
	if !ok {
		return v, false
	}
	return row.DecimalRescale(v, common, scale)
}

func negate(e *plan.Negate) (eval, error) {
	x, err := compile(e.X)
	if err != nil {
		return nil, err
	}
	kind := e.Type().Kind
	return func(n *env) (row.Value, error) {
		v, err := x(n)
		if err != nil || v.IsNull() {
			return row.Value{}, err
		}
		switch kind {
		case row.Double:
			return row.NewDouble(-v.Float64()), nil
		case row.Decimal:
			d, scale := v.Decimal()
			return row.NewDecimal(d.Neg(), scale), nil
		}
		i := -v.Int64()
		if i == math.MinInt64 || kind == row.Int && i != int64(int32(i)) {
			return row.Value{}, errOverflow
		}
		return row.NewIntegral(kind, i), nil
	}, nil
}
