package exec

import (
	"math"
	"math/big"
	"math/bits"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// aggregate makes an aggregate's result of what its fold left.
type aggregate struct {
	fold     int // which one
	at, text int
	result   func(*aggregate, *groupState) (row.Value, error)
	kind     row.Kind // of the argument
	narrow   bool     // a DECIMAL that fits a word
	// from is the argument's scale, to the result's.
	from, to int
}

// compileAggregate says what a call folds and what it makes of that.
func compileAggregate(c plan.AggregateCall) (fold, aggregate) {
	f, a := fold{op: countRows, argument: -1}, aggregate{result: countOf, to: c.Type.Scale}
	if c.Arg == nil {
		return f, a
	}
	t := c.Arg.Type()
	a.kind, a.from, a.narrow = t.Kind, t.Scale, t.Kind == row.Decimal && isNarrow(t)
	switch c.Func {
	case plan.Count:
		f.op = countValues
	case plan.Min, plan.Max:
		f.op, f.larger, a.result = bestOf(t), c.Func == plan.Max, bestValue
	case plan.Sum:
		f.op = sumOf(t)
		a.result = sums[summing{f.op, t.Kind == row.Decimal}]
	default:
		f.op = sumOf(t)
		a.result = averages[summing{f.op, t.Kind == row.Decimal}]
	}
	return f, a
}

func double(bits uint64) row.Value { return row.NewDouble(math.Float64frombits(bits)) }

func countOf(a *aggregate, s *groupState) (row.Value, error) {
	return row.NewBigint(int64(s.words[a.at])), nil
}

func bestValue(a *aggregate, s *groupState) (row.Value, error) {
	w := s.words[a.at:]
	switch {
	case w[0] == 0:
		return row.Value{}, nil
	case a.narrow:
		return row.NewDecimal(row.Int128Of(int64(w[1])), a.from), nil
	case a.kind == row.Decimal:
		return row.NewDecimal(row.Int128{Hi: int64(w[2]), Lo: w[1]}, a.from), nil
	case a.kind == row.Double:
		return double(w[1]), nil
	case a.kind == row.String:
		return row.NewString(s.texts[a.text]), nil
	case a.kind == row.Bytes:
		return row.NewBytes([]byte(s.texts[a.text])), nil
	}
	return row.NewIntegral(a.kind, int64(w[1])), nil
}

// summing is what was summed: how, and whether DECIMALs.
type summing struct {
	how     accumulation
	decimal bool
}

// sums and averages are NULL of no value. A sum that does not fit is an error
// for that output only: what it is made of goes on exactly.
var sums = map[summing]func(*aggregate, *groupState) (row.Value, error){
	{sumWhole, false}: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		n, ok := sumIn(w).Int64()
		switch {
		case w[0] == 0:
			return row.Value{}, nil
		case !ok:
			return row.Value{}, errOverflow
		}
		return row.NewBigint(n), nil
	},
	{sumDouble, false}: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		if w[0] == 0 {
			return row.Value{}, nil
		}
		return double(w[1]), nil
	},
	{sumWhole, true}: decimalSum,
	{sumWide, true}:  decimalSum,
	{sumWidest, true}: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		if w[0] == 0 {
			return row.Value{}, nil
		}
		v, ok := wideSum(w)
		if !ok || !v.Fits(row.MaxPrecision) {
			return row.Value{}, errOverflow
		}
		return row.NewDecimal(v, a.to), nil
	},
}

// sumIn is the sum in the words of sumWhole and sumWide.
func sumIn(w []uint64) row.Int128 { return row.Int128{Hi: int64(w[2]), Lo: w[1]} }

func decimalSum(a *aggregate, s *groupState) (row.Value, error) {
	w := s.words[a.at:]
	if w[0] == 0 {
		return row.Value{}, nil
	}
	v := sumIn(w)
	if _, small := v.Int64(); !small && !v.Fits(row.MaxPrecision) {
		return row.Value{}, errOverflow
	}
	return row.NewDecimal(v, a.to), nil
}

var averages = map[summing]func(*aggregate, *groupState) (row.Value, error){
	// The float64 nearest to the exact sum, divided by the count.
	{sumWhole, false}: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		if w[0] == 0 {
			return row.Value{}, nil
		}
		return row.NewDouble(sumIn(w).Float64() / float64(w[0])), nil
	},
	{sumDouble, false}: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		if w[0] == 0 {
			return row.Value{}, nil
		}
		return row.NewDouble(math.Float64frombits(w[1]) / float64(w[0])), nil
	},
	{sumWhole, true}: smallAverage,
	{sumWide, true}:  smallAverage,
	{sumWidest, true}: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		if w[0] == 0 {
			return row.Value{}, nil
		}
		return decimalAverage(w, a.from, a.to)
	},
}

// smallAverage is decimalAverage where the sum has 128 bits, and mostly fits 64.
func smallAverage(a *aggregate, s *groupState) (row.Value, error) {
	w := s.words[a.at:][:3]
	n := w[0]
	if n == 0 {
		return row.Value{}, nil
	}
	if sum, ok := sumIn(w).Int64(); ok && a.to-a.from <= narrowPrecision {
		if high, scaled := bits.Mul64(magnitude(sum), row.Pow10(a.to-a.from).Lo); high == 0 {
			q := scaled / n
			if rest := scaled - q*n; rest >= n-rest {
				q++ // half away from zero; without a rest never
			}
			v := row.Int128{Lo: q}
			if sum < 0 {
				v = v.Neg()
			}
			return row.NewDecimal(v, a.to), nil
		}
	}
	return decimalAverage([]uint64{n, w[1], w[2], uint64(int64(w[2]) >> 63)}, a.from, a.to)
}

// wideSum is the sum in the words of sumWidest, and whether it fits 128 bits.
func wideSum(w []uint64) (row.Int128, bool) {
	return row.Int128{Hi: int64(w[2]), Lo: w[1]}, int64(w[3]) == int64(w[2])>>63
}

// decimalAverage divides exactly and rounds once, half away from zero.
func decimalAverage(w []uint64, from, to int) (row.Value, error) {
	if v, ok := wideSum(w); ok {
		if scaled, ok := row.DecimalRescale(v, from, to); ok {
			if q, ok := row.DecimalQuo(scaled, row.Int128Of(int64(w[0]))); ok {
				return row.NewDecimal(q, to), nil
			}
		}
	}
	sum := big.NewInt(int64(w[3]))
	for _, word := range []uint64{w[2], w[1]} {
		sum.Lsh(sum, 64).Add(sum, new(big.Int).SetUint64(word))
	}
	sum.Mul(sum, tenTo(to-from))
	count := big.NewInt(int64(w[0]))
	q, r := new(big.Int).QuoRem(sum, count, new(big.Int))
	if r.Lsh(r.Abs(r), 1).Cmp(count) >= 0 {
		q.Add(q, big.NewInt(int64(sum.Sign())))
	}
	v, ok := row.Int128FromBig(q)
	if !ok || !v.Fits(row.MaxPrecision) {
		return row.Value{}, errOverflow
	}
	return row.NewDecimal(v, to), nil
}
