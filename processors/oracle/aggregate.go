package oracle

import (
	"fmt"
	"math/big"
	"slices"

	"parallax/processors/functions/aggregates"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// aggregateCall is a call of an aggregate, whose loops heed an interrupt.
type aggregateCall struct {
	*plan.AggregateCall
	stop *interrupt
}

// aggregate computes aggregate number n over all rows of a group.
func (g *group) aggregate(n int, call *aggregateCall) (row.Value, error) {
	rows := make([][]row.Value, len(g.rows))
	for i, r := range g.rows {
		rows[i] = r.args[n]
	}
	return aggregateOf(rows, call)
}

// aggregateOf computes an aggregate of the rows of its arguments, in input order. The rows
// of COUNT(*) are empty.
func aggregateOf(rows [][]row.Value, call *aggregateCall) (row.Value, error) {
	if len(call.Args) == 0 {
		return row.NewBigint(int64(len(rows))), nil
	}
	define, ok := definitions[call.Func]
	if !ok {
		return row.Value{}, fmt.Errorf("the oracle does not know %s", call.Func)
	}
	return define(rows, call)
}

// definition computes an aggregate from all of its rows.
type definition func(rows [][]row.Value, call *aggregateCall) (row.Value, error)

// definitions are the aggregates' definitions by name.
var definitions = map[aggregates.Name]definition{
	aggregates.Count: func(rows [][]row.Value, _ *aggregateCall) (row.Value, error) {
		return row.NewBigint(int64(len(known(rows)))), nil
	},
	aggregates.CountDistinct: func(rows [][]row.Value, call *aggregateCall) (row.Value, error) {
		return row.NewBigint(int64(len(distinct(known(rows), call.stop)))), nil
	},
	aggregates.Sum: ofKnown(sum), aggregates.Avg: ofKnown(average),
	aggregates.Min: ofKnown(func(values []row.Value, _ *aggregateCall) (row.Value, error) {
		return best(values, func(order int) bool { return order < 0 }), nil
	}),
	aggregates.Max: ofKnown(func(values []row.Value, _ *aggregateCall) (row.Value, error) {
		return best(values, func(order int) bool { return order > 0 }), nil
	}),
	aggregates.VarSample: ofKnown(variance(1, false)), aggregates.VarPop: ofKnown(variance(0, false)),
	aggregates.StddevSample: ofKnown(variance(1, true)), aggregates.StddevPop: ofKnown(variance(0, true)),
	aggregates.Correlation:         correlation,
	aggregates.ApproxCountDistinct: approxCountDistinct,
	aggregates.Median:              ofKnown(percentile(func(*aggregateCall) float64 { return 0.5 })),
	aggregates.Percentile:          ofKnown(percentile(func(c *aggregateCall) float64 { return c.Constants[0].Float64() })),
	aggregates.EarliestByOffset:    byOffset(false, false), aggregates.LatestByOffset: byOffset(true, false),
	aggregates.FirstValueOf: byOffset(false, true), aggregates.LastValueOf: byOffset(true, true),
	aggregates.CollectSet: func(rows [][]row.Value, call *aggregateCall) (row.Value, error) {
		return row.NewArray(distinct(first(rows), call.stop)), nil
	},
	aggregates.StringAgg: ofKnown(joined), aggregates.Histogram: histogram,
	aggregates.TopK: top(false), aggregates.TopKDistinct: top(true),
	aggregates.CollectList: func(rows [][]row.Value, _ *aggregateCall) (row.Value, error) {
		return row.NewArray(first(rows)), nil
	},
}

// first is each row's first argument, known those that are not NULL.
func first(rows [][]row.Value) []row.Value {
	var values []row.Value
	for _, r := range rows {
		values = append(values, r[0])
	}
	return values
}

func known(rows [][]row.Value) []row.Value {
	var values []row.Value
	for _, v := range first(rows) {
		if !v.IsNull() {
			values = append(values, v)
		}
	}
	return values
}

// distinct is each value where it is first met.
func distinct(values []row.Value, stop *interrupt) []row.Value {
	var different []row.Value
	for _, v := range values {
		if !slices.ContainsFunc(different, func(o row.Value) bool { return stop.isDue() || row.Equal(o, v) }) {
			different = append(different, v)
		}
	}
	return different
}

// ofKnown returns the definition of an aggregate over the values that are not NULL, which
// is NULL if there are none.
func ofKnown(f func(values []row.Value, call *aggregateCall) (row.Value, error)) definition {
	return func(rows [][]row.Value, call *aggregateCall) (row.Value, error) {
		values := known(rows)
		if len(values) == 0 {
			return row.Value{}, nil
		}
		return f(values, call)
	}
}

func best(values []row.Value, better func(order int) bool) row.Value {
	best := values[0]
	for _, v := range values[1:] {
		if better(row.Compare(v, best)) {
			best = v
		}
	}
	return best
}

func sum(values []row.Value, call *aggregateCall) (row.Value, error) {
	if call.Type.Kind == row.Double {
		return row.NewDouble(sumDoubles(values)), nil
	}
	return fromRat(sumExact(values), call.Type)
}

func average(values []row.Value, call *aggregateCall) (row.Value, error) {
	count := big.NewRat(int64(len(values)), 1)
	switch {
	case call.Args[0].Type().Kind == row.Double:
		return row.NewDouble(sumDoubles(values) / float64(len(values))), nil
	case call.Type.Kind == row.Double:
		sum, _ := sumExact(values).Float64()
		return row.NewDouble(sum / float64(len(values))), nil
	}
	return fromRat(new(big.Rat).Quo(sumExact(values), count), call.Type)
}

// sumDoubles adds in input order.
func sumDoubles(values []row.Value) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v.Float64()
	}
	return sum
}

func sumExact(values []row.Value) *big.Rat {
	sum := new(big.Rat)
	for _, v := range values {
		sum.Add(sum, toRat(v))
	}
	return sum
}
