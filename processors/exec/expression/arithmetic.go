package expression

import (
	"math"
	"math/bits"

	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// operands compiles both sides of an operator.
func operands[F any](compile func(plan.Expr) (F, error), left, right plan.Expr) (l, r F, err error) {
	if l, err = compile(left); err != nil {
		return l, r, err
	}
	r, err = compile(right)
	return l, r, err
}

// strict is an operator on two values that there must be: what the left operand
// lacks for decides, then the right one. An error comes before a NULL.
func strict[V, W any](l, r func(*Env) (V, Flaw), f func(x, y V) (W, Flaw)) func(*Env) (W, Flaw) {
	return func(n *Env) (out W, bad Flaw) {
		x, bad := l(n)
		if bad > IsNull {
			return out, bad
		}
		y, badRight := r(n)
		if bad = max(bad, badRight); bad != Sound {
			return out, bad
		}
		return f(x, y)
	}
}

func wholeArithmetic(e *plan.Arithmetic) (WholeFunc, error) {
	l, r, err := operands(CompileWhole, e.L, e.R)
	if err != nil {
		return nil, err
	}
	if e.T.Kind == row.Int {
		f := integers[e.Op]
		return strict(l, r, func(x, y int64) (int64, Flaw) {
			v, bad := f(x, y)
			if v != int64(int32(v)) {
				return 0, badOverflow
			}
			return v, bad
		}), nil
	}
	return strict(l, r, integers[e.Op]), nil
}

func doubleArithmetic(e *plan.Arithmetic) (DoubleFunc, error) {
	l, r, err := operands(CompileDouble, e.L, e.R)
	return strict(l, r, doubles[e.Op]), err
}

func wideArithmetic(e *plan.Arithmetic) (WideFunc, error) {
	left, right := e.L.Type(), e.R.Type()
	if e.Op == '*' && heldInWord(e.L) && heldInWord(e.R) && e.T.Precision == left.Precision+right.Precision && e.T.Scale == left.Scale+right.Scale {
		return wordProduct(e)
	}
	l, r, err := operands(CompileWide, e.L, e.R)
	precision := e.T.Precision
	f := decimals[e.Op](e.L.Type().Scale, e.R.Type().Scale, e.T.Scale)
	return strict(l, r, func(x, y numeric.Int128) (numeric.Int128, Flaw) {
		v, bad := f(x, y)
		if bad == Sound && !v.Fits(precision) {
			bad = badOverflow
		}
		return v, bad
	}), err
}

// doubles follow IEEE 754.
var doubles = map[plan.ArithmeticOp]func(a, b float64) (float64, Flaw){
	'+': func(a, b float64) (float64, Flaw) { return a + b, Sound },
	'-': func(a, b float64) (float64, Flaw) { return a - b, Sound },
	'*': func(a, b float64) (float64, Flaw) { return a * b, Sound },
	'/': func(a, b float64) (float64, Flaw) { return a / b, Sound },
	'%': func(a, b float64) (float64, Flaw) { return math.Mod(a, b), Sound },
}

// integers report overflow. Division truncates, the remainder has the
// dividend's sign.
var integers = map[plan.ArithmeticOp]func(a, b int64) (int64, Flaw){
	'+': func(a, b int64) (int64, Flaw) {
		sum := a + b
		return sum, OverflowIf((a^sum)&(b^sum) < 0)
	},
	'-': func(a, b int64) (int64, Flaw) {
		diff := a - b
		return diff, OverflowIf((a^b)&(a^diff) < 0)
	},
	'*': func(a, b int64) (int64, Flaw) {
		product, ok := multiply(a, b)
		return product, OverflowIf(!ok)
	},
	'/': func(a, b int64) (int64, Flaw) {
		if b == 0 {
			return 0, badDivision
		}
		return a / b, OverflowIf(a == math.MinInt64 && b == -1)
	},
	'%': func(a, b int64) (int64, Flaw) {
		switch b {
		case 0:
			return 0, badDivision
		case -1:
			return 0, Sound
		}
		return a % b, Sound
	},
}

func OverflowIf(yes bool) Flaw {
	if yes {
		return badOverflow
	}
	return Sound
}

func multiply(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(Magnitude(a), Magnitude(b))
	if (a < 0) != (b < 0) {
		return -int64(lo), hi == 0 && lo <= 1<<63
	}
	return int64(lo), hi == 0 && lo < 1<<63
}

func Magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// decimals compute exactly on operands of scales sa and sb and bring the result
// to a scale, half away from zero.
var decimals = map[plan.ArithmeticOp]func(sa, sb, scale int) func(a, b numeric.Int128) (numeric.Int128, Flaw){
	'+': func(sa, sb, scale int) func(a, b numeric.Int128) (numeric.Int128, Flaw) {
		return sum(sa, sb, scale, numeric.Int128.Add)
	},
	'-': func(sa, sb, scale int) func(a, b numeric.Int128) (numeric.Int128, Flaw) {
		return sum(sa, sb, scale, numeric.Int128.Sub)
	},
	'*': func(sa, sb, scale int) func(a, b numeric.Int128) (numeric.Int128, Flaw) {
		return func(a, b numeric.Int128) (numeric.Int128, Flaw) {
			v, ok := a.Mul(b)
			if !ok {
				v, ok = bigProduct(a, b, sa+sb, scale)
			} else if sa+sb != scale {
				v, ok = numeric.DecimalRescale(v, sa+sb, scale)
			}
			return v, OverflowIf(!ok)
		}
	},
	'/': func(sa, sb, scale int) func(a, b numeric.Int128) (numeric.Int128, Flaw) {
		return func(a, b numeric.Int128) (numeric.Int128, Flaw) {
			if b.Sign() == 0 {
				return numeric.Int128{}, badDivision
			}
			v, ok := numeric.DecimalDiv(a, sa, b, sb, scale)
			return v, OverflowIf(!ok)
		}
	},
	'%': func(sa, sb, scale int) func(a, b numeric.Int128) (numeric.Int128, Flaw) {
		common := max(sa, sb)
		return func(a, b numeric.Int128) (numeric.Int128, Flaw) {
			if b.Sign() == 0 {
				return numeric.Int128{}, badDivision
			}
			x := scaledBig(a, sa, common)
			v, ok := numeric.Int128FromBig(x.Rem(x, scaledBig(b, sb, common))) // the dividend's sign
			if ok {
				v, ok = numeric.DecimalRescale(v, common, scale)
			}
			return v, OverflowIf(!ok)
		}
	},
}

// sum adds or subtracts at the larger scale, where nothing is lost.
func sum(sa, sb, scale int, op func(a, b numeric.Int128) (numeric.Int128, bool)) func(a, b numeric.Int128) (numeric.Int128, Flaw) {
	common := max(sa, sb)
	return func(a, b numeric.Int128) (numeric.Int128, Flaw) {
		x, xok := numeric.DecimalRescale(a, sa, common)
		y, yok := numeric.DecimalRescale(b, sb, common)
		v, ok := op(x, y)
		if xok && yok && ok {
			v, ok = numeric.DecimalRescale(v, common, scale)
		} else {
			v, ok = bigSum(a, sa, b, sb, scale, op) // it may fit again at the smaller scale
		}
		return v, OverflowIf(!ok)
	}
}

func negate(e *plan.Negate) (Eval, error) {
	x, err := Compile(e.X)
	if err != nil {
		return nil, err
	}
	kind := e.Type().Kind
	return func(n *Env) (row.Value, error) {
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
			return row.Value{}, ErrOverflow
		}
		return row.NewIntegral(kind, i), nil
	}, nil
}
