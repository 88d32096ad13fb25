package exec

import (
	"math"
	"slices"

	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/expression"
	"parallax/processors/functions/aggregates"
	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// overCall makes a call's value of a partition that has just taken a record.
type overCall func(s *overState) (row.Value, error)

// compileCall makes a call's function, and has kept up what it needs.
func (o *over) compileCall(c plan.OverCall, known map[string]int) (overCall, error) {
	if f, ok := ofPartition[c.Func]; ok {
		return f, nil
	}
	preceding := c.Frame.Preceding
	if c.Frame.Unbounded {
		preceding = all
	}
	if c.Arg == nil { // COUNT(*)
		return func(s *overState) (row.Value, error) {
			if preceding == all {
				return row.NewBigint(s.rows), nil
			}
			return row.NewBigint(min(s.rows, preceding+1)), nil
		}, nil
	}
	keep := preceding + 1
	switch {
	case c.Func == plan.Lag:
		keep = c.Offset + 1
	case c.Func == plan.LastValue || c.Frame.Unbounded:
		keep = 0
	}
	if c.Func == plan.OverAggregate && !slices.Contains(slidingAggregates, c.Aggregate) {
		return o.refolded(c, known, preceding, keep)
	}
	arg, err := o.argument(c.Arg, known, keep)
	if err != nil {
		return nil, err
	}
	switch c.Func {
	case plan.LastValue:
		return o.ofRecord(arg), nil
	case plan.FirstValue:
		return o.firstValue(arg, preceding), nil
	case plan.Lag:
		other := -1
		if c.Default != nil {
			if other, err = o.argument(c.Default, known, 0); err != nil {
				return nil, err
			}
		}
		return asCallType(c, o.lag(arg, c.Offset, other)), nil
	}
	return o.aggregate(c, arg, preceding), nil
}

// slidingAggregates are the aggregates that can be updated when a frame moves.
var slidingAggregates = []aggregates.Name{aggregates.Count, aggregates.Sum, aggregates.Avg, aggregates.Min, aggregates.Max}

// ofPartition are the calls that look at no value.
var ofPartition = map[plan.OverFunc]overCall{
	plan.RowNumber: func(s *overState) (row.Value, error) { return row.NewBigint(s.rows), nil },
	plan.Rank:      func(s *overState) (row.Value, error) { return row.NewBigint(s.rank), nil },
	plan.DenseRank: func(s *overState) (row.Value, error) { return row.NewBigint(s.dense), nil },
}

// ofRecord is an argument of the record itself.
func (o *over) ofRecord(arg int) overCall {
	return func(*overState) (row.Value, error) { return o.arguments[arg].Value(o.operands[arg]), nil }
}

func (o *over) firstValue(arg int, preceding int64) overCall {
	if preceding == all {
		l := *o.slide(slide{op: slideFirstEver, argument: arg, preceding: all})
		return func(s *overState) (row.Value, error) { return o.arguments[arg].Value(l.kept(s)), nil }
	}
	return func(s *overState) (row.Value, error) {
		return o.valueOf(s, arg, max(0, s.rows-1-preceding)), nil
	}
}

// valueOf is an argument's value in row n, which is kept.
func (o *over) valueOf(s *overState, arg int, n int64) row.Value {
	r := &s.rings[arg]
	return o.arguments[arg].Value(r.operand(r.at(n)))
}

// lag looks offset rows back, and where there is none takes argument other (-1:
// NULL) of the record.
func (o *over) lag(arg int, offset int64, other int) overCall {
	return func(s *overState) (row.Value, error) {
		n := s.rows - 1 - offset
		switch {
		case n >= 0:
			return o.valueOf(s, arg, n), nil
		case other < 0:
			return row.Value{}, nil
		}
		return o.arguments[other].Value(o.operands[other]), nil
	}
}

// asCallType brings what LAG has chosen to the call's type, where its argument or its
// default has another one.
func asCallType(c plan.OverCall, lag overCall) overCall {
	if c.Default == nil || c.Arg.Type().Equal(c.Type) && c.Default.Type().Equal(c.Type) {
		return lag
	}
	return func(s *overState) (row.Value, error) {
		v, err := lag(s)
		if err != nil || v.IsNull() {
			return v, err
		}
		v, ok := expression.CastValue(v, c.Type)
		if !ok {
			return row.Value{}, expression.ErrCast
		}
		return v, nil
	}
}

// aggregate is an aggregate of the values in a frame.
func (o *over) aggregate(c plan.OverCall, arg int, preceding int64) overCall {
	a := o.arguments[arg]
	l := slide{argument: arg, preceding: preceding}
	switch c.Aggregate {
	case aggregates.Count:
		l.op = slideCount
		at := o.slide(l).at
		return func(s *overState) (row.Value, error) { return row.NewBigint(int64(s.words[at])), nil }
	case aggregates.Min, aggregates.Max:
		l.larger = c.Aggregate == aggregates.Max
		return o.best(l)
	}
	average := c.Aggregate == aggregates.Avg
	if a.Kind == row.Double && preceding != all {
		return func(s *overState) (row.Value, error) {
			n, sum := s.rings[arg].addDoubles(max(0, s.rows-1-preceding), s.rows)
			return ofDoubles(n, sum, average), nil
		}
	}
	l.op = sumIn(c.Arg.Type(), preceding)
	at, from, to := o.slide(l).at, a.Scale, c.Type.Scale
	var f func(w []uint64) (row.Value, error)
	switch {
	case l.op == slideDouble:
		f = func(w []uint64) (row.Value, error) {
			return ofDoubles(int64(w[0]), math.Float64frombits(w[1]), average), nil
		}
	case l.op == slideNarrow && a.Kind == row.Decimal && average:
		f = func(w []uint64) (row.Value, error) { return narrowAverage(int64(w[1]), int64(w[0]), from, to) }
	case l.op == slideNarrow && a.Kind == row.Decimal:
		f = func(w []uint64) (row.Value, error) { return row.NewDecimal(numeric.Int128Of(int64(w[1])), to), nil }
	case l.op == slideNarrow && average:
		f = func(w []uint64) (row.Value, error) { return row.NewDouble(float64(int64(w[1])) / float64(w[0])), nil }
	case l.op == slideNarrow:
		f = func(w []uint64) (row.Value, error) { return row.NewBigint(int64(w[1])), nil }
	case l.op == slideWide && average:
		f = func(w []uint64) (row.Value, error) { return aggregate.DecimalAverage(w, from, to) }
	case l.op == slideWide:
		f = func(w []uint64) (row.Value, error) {
			v, ok := aggregate.WideSum(w)
			if !ok || !v.Fits(row.MaxPrecision) {
				return row.Value{}, expression.ErrOverflow
			}
			return row.NewDecimal(v, to), nil
		}
	case average:
		f = func(w []uint64) (row.Value, error) {
			return row.NewDouble(numeric.Int128{Hi: int64(w[2]), Lo: w[1]}.Float64() / float64(w[0])), nil
		}
	default:
		f = func(w []uint64) (row.Value, error) {
			v, ok := numeric.Int128{Hi: int64(w[2]), Lo: w[1]}.Int64()
			if !ok {
				return row.Value{}, expression.ErrOverflow
			}
			return row.NewBigint(v), nil
		}
	}
	return func(s *overState) (row.Value, error) {
		if w := s.words[at:]; w[0] > 0 {
			return f(w)
		}
		return row.Value{}, nil // of nothing
	}
}

// narrowAverage divides exactly and rounds once, half away from zero.
func narrowAverage(sum, n int64, from, to int) (row.Value, error) {
	if shift := to - from; shift < len(narrowTens) {
		if most := math.MaxInt64 / narrowTens[shift]; sum <= most && sum >= -most {
			sum *= narrowTens[shift]
			q, r := sum/n, sum%n
			switch {
			case r >= n-r:
				q++
			case -r >= n+r:
				q--
			}
			return row.NewDecimal(numeric.Int128Of(q), to), nil
		}
	}
	high := uint64(sum >> 63)
	return aggregate.DecimalAverage([]uint64{uint64(n), uint64(sum), high, high}, from, to)
}

// narrowTens are 10^0 to 10^6: AVG gives a DECIMAL at most six digits more.
var narrowTens = [...]int64{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000}

func ofDoubles(n int64, sum float64, average bool) row.Value {
	switch {
	case n == 0:
		return row.Value{}
	case average:
		return row.NewDouble(sum / float64(n))
	}
	return row.NewDouble(sum)
}

// best is MIN and MAX.
func (o *over) best(l slide) overCall {
	if l.preceding == all {
		l.op = slideBestEver
		l = *o.slide(l)
		return func(s *overState) (row.Value, error) { return o.arguments[l.argument].Value(l.kept(s)), nil }
	}
	l.op = slideBest
	l = *o.slide(l)
	return func(s *overState) (row.Value, error) {
		n, ok := s.deques[l.deque].best()
		if !ok {
			return row.Value{}, nil
		}
		return o.valueOf(s, l.argument, n), nil
	}
}
