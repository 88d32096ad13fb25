package oracle

import (
	"math/big"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// aggregate computes aggregate number n over all rows of a group.
func (g *group) aggregate(n int, call plan.AggregateCall) (row.Value, error) {
	var values []row.Value
	for _, r := range g.rows {
		if call.Arg == nil || !r.args[n].IsNull() {
			values = append(values, r.args[n])
		}
	}
	return aggregateOf(values, call)
}

// aggregateOf computes an aggregate of values that are not NULL; COUNT(*) has one
// for each row.
func aggregateOf(values []row.Value, call plan.AggregateCall) (row.Value, error) {
	if call.Func == plan.Count {
		return row.NewBigint(int64(len(values))), nil
	}
	if len(values) == 0 {
		return row.Value{}, nil
	}
	switch call.Func {
	case plan.Min, plan.Max:
		best := values[0]
		for _, v := range values[1:] {
			if c := row.Compare(v, best); call.Func == plan.Min && c < 0 || call.Func == plan.Max && c > 0 {
				best = v
			}
		}
		return best, nil
	case plan.Sum:
		if call.Type.Kind == row.Double {
			return row.NewDouble(sumDoubles(values)), nil
		}
		return fromRat(sumExact(values), call.Type)
	default:
		count := big.NewRat(int64(len(values)), 1)
		switch {
		case call.Arg.Type().Kind == row.Double:
			return row.NewDouble(sumDoubles(values) / float64(len(values))), nil
		case call.Type.Kind == row.Double:
			sum, _ := sumExact(values).Float64()
			return row.NewDouble(sum / float64(len(values))), nil
		}
		return fromRat(new(big.Rat).Quo(sumExact(values), count), call.Type)
	}
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
