package exec

import (
	"math/big"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// accumulator is what an aggregate keeps for a group. Which fields count
// depends on the aggregate. It is copied by assignment.
type accumulator struct {
	n     int64 // rows, or values that are not NULL
	exact int192
	float float64
	best  row.Value
}

// aggregator is a compiled aggregate. arg is nil for COUNT(*).
type aggregator struct {
	arg eval
	// add takes a value that is not NULL.
	add func(a *accumulator, v row.Value)
	// result may fail: the sum does not fit its type.
	result func(a *accumulator) (row.Value, error)
}

func compileAggregate(c plan.AggregateCall) (aggregator, error) {
	var g aggregator
	kind := row.Null
	if c.Arg != nil {
		var err error
		if g.arg, err = compile(c.Arg); err != nil {
			return g, err
		}
		kind = c.Arg.Type().Kind
	}
	switch c.Func {
	case plan.Count:
		g.add = func(*accumulator, row.Value) {}
		g.result = func(a *accumulator) (row.Value, error) { return row.NewBigint(a.n), nil }
	case plan.Min:
		g.add, g.result = keepBest(-1), best
	case plan.Max:
		g.add, g.result = keepBest(1), best
	default:
		g.add = adders[kind]
		g.result = ofSome(sums[c.Func][kind](c))
	}
	return g, nil
}

// keepBest keeps the value that compares highest (1) or lowest (-1).
func keepBest(sign int) func(*accumulator, row.Value) {
	return func(a *accumulator, v row.Value) {
		if a.n == 1 || row.Compare(v, a.best)*sign > 0 {
			a.best = v
		}
	}
}

func best(a *accumulator) (row.Value, error) { return a.best, nil }

// ofSome makes the result of no value NULL.
func ofSome(f func(*accumulator) (row.Value, error)) func(*accumulator) (row.Value, error) {
	return func(a *accumulator) (row.Value, error) {
		if a.n == 0 {
			return row.Value{}, nil
		}
		return f(a)
	}
}

// adders sum up: integers and DECIMALs exactly, DOUBLEs in input order.
var adders = map[row.Kind]func(*accumulator, row.Value){
	row.Int:    func(a *accumulator, v row.Value) { a.exact.add(row.Int128Of(v.Int64())) },
	row.Bigint: func(a *accumulator, v row.Value) { a.exact.add(row.Int128Of(v.Int64())) },
	row.Decimal: func(a *accumulator, v row.Value) {
		d, _ := v.Decimal()
		a.exact.add(d)
	},
	row.Double: func(a *accumulator, v row.Value) { a.float += v.Float64() },
}

type resultMaker = func(plan.AggregateCall) func(*accumulator) (row.Value, error)

// sums are the results of SUM and AVG by the kind of the argument.
var sums = map[plan.AggregateFunc]map[row.Kind]resultMaker{
	plan.Sum: {row.Int: sumInteger, row.Bigint: sumInteger, row.Decimal: sumDecimal, row.Double: sumDouble},
	plan.Avg: {row.Int: avgInteger, row.Bigint: avgInteger, row.Decimal: avgDecimal, row.Double: avgDouble},
}

func sumInteger(plan.AggregateCall) func(*accumulator) (row.Value, error) {
	return func(a *accumulator) (row.Value, error) {
		if v, ok := a.exact.int128(); ok {
			if n, ok := v.Int64(); ok {
				return row.NewBigint(n), nil
			}
		}
		return row.Value{}, errOverflow
	}
}

func sumDecimal(c plan.AggregateCall) func(*accumulator) (row.Value, error) {
	scale := c.Type.Scale
	return func(a *accumulator) (row.Value, error) {
		v, ok := a.exact.int128()
		if !ok || v.Digits() > row.MaxPrecision {
			return row.Value{}, errOverflow
		}
		return row.NewDecimal(v, scale), nil
	}
}

func sumDouble(plan.AggregateCall) func(*accumulator) (row.Value, error) {
	return func(a *accumulator) (row.Value, error) { return row.NewDouble(a.float), nil }
}

// avgInteger divides the float64 nearest to the exact sum by the count.
func avgInteger(plan.AggregateCall) func(*accumulator) (row.Value, error) {
	return func(a *accumulator) (row.Value, error) {
		return row.NewDouble(a.exact.float64() / float64(a.n)), nil
	}
}

func avgDouble(plan.AggregateCall) func(*accumulator) (row.Value, error) {
	return func(a *accumulator) (row.Value, error) { return row.NewDouble(a.float / float64(a.n)), nil }
}

// avgDecimal divides exactly and rounds once, half away from zero.
func avgDecimal(c plan.AggregateCall) func(*accumulator) (row.Value, error) {
	from, to := c.Arg.Type().Scale, c.Type.Scale
	return func(a *accumulator) (row.Value, error) {
		if v, ok := a.exact.int128(); ok {
			if scaled, ok := row.DecimalRescale(v, from, to); ok {
				if q, ok := row.DecimalQuo(scaled, row.Int128Of(a.n)); ok {
					return row.NewDecimal(q, to), nil
				}
			}
		}
		num := a.exact.big()
		num.Mul(num, tenTo(to-from))
		den := big.NewInt(a.n)
		q, r := new(big.Int).QuoRem(num, den, new(big.Int))
		if r.Lsh(r.Abs(r), 1).Cmp(den) >= 0 {
			q.Add(q, big.NewInt(int64(num.Sign())))
		}
		v, ok := row.Int128FromBig(q)
		if !ok || v.Digits() > row.MaxPrecision {
			return row.Value{}, errOverflow
		}
		return row.NewDecimal(v, to), nil
	}
}
