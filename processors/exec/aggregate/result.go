package aggregate

import (
	"math"
	"math/big"
	"math/bits"

	"parallax/processors/exec/expression"
	"parallax/processors/functions/aggregates"
	"parallax/processors/numeric"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Result computes an aggregate's result from the state of its fold.
type Result struct {
	fold     int // which one
	op       accumulation
	At, text int
	Tally    *tallying
	ofTally  func(Tally) (row.Value, expression.Flaw)
	// result writes what the fold has come to, or says why there is nothing.
	result resultFunc
	kind   row.Kind // of the argument
	narrow bool     // a DECIMAL that fits a word
	// from is the argument's scale, to the result's.
	from, to int
}

// Write writes a group's result, or returns why it has none.
func (a *Result) Write(s *Group, v *row.Value) expression.Flaw { return a.result(a, s, v) }

// Fold is the index in Layout.Folds of the state that it is computed from.
func (a *Result) Fold() int { return a.fold }

type resultFunc func(*Result, *Group, *row.Value) expression.Flaw

// Compile returns the fold of a call and the result that is computed from it.
func (l *Layout) Compile(c *plan.AggregateCall) (f Fold, a Result, err error) {
	f, a = Fold{op: countRows, Argument: -1}, Result{result: countOf, to: c.Type.Scale}
	if len(c.Args) == 0 {
		return f, a, nil
	}
	t := c.Args[0].Type()
	a.kind, a.from, a.narrow = t.Kind, t.Scale, t.Kind == row.Decimal && expression.IsNarrow(t)
	spread, moments := spreads[c.Func]
	switch {
	case c.Func == aggregates.Count:
		f.op = countValues
	case c.Func == aggregates.Min || c.Func == aggregates.Max:
		f.op, f.larger, a.result = bestOf(t), c.Func == aggregates.Max, bestValue
	case c.Func == aggregates.Sum:
		f.op = sumOf(t)
		a.result = sums[summing{f.op, t.Kind == row.Decimal}]
	case c.Func == aggregates.Avg:
		f.op = sumOf(t)
		a.result = averages[summing{f.op, t.Kind == row.Decimal}]
	case moments:
		f.op = momentsOf(t)
		spread.unit = expression.TenTo(2 * t.Scale)
		a.result = spread.result
	default:
		f.op, a.result = apart, ofTally
		if f.Tally, err = newTallying(c, l.Ordered, l.Undone); err == nil {
			a.ofTally = f.Tally.result
		}
	}
	a.op = f.op
	return f, a, err
}

func double(bits uint64) row.Value { return row.NewDouble(math.Float64frombits(bits)) }

func countOf(a *Result, s *Group, v *row.Value) expression.Flaw {
	v.Set(row.Bigint, int64(s.Words[a.At]))
	return expression.Sound
}

func bestValue(a *Result, s *Group, v *row.Value) expression.Flaw {
	w := s.Words[a.At:]
	switch {
	case w[0] == 0:
		return expression.IsNull
	case a.narrow:
		v.SetDecimal(numeric.Int128Of(int64(w[1])), a.from)
	case a.kind == row.Decimal:
		v.SetDecimal(numeric.Int128{Hi: int64(w[2]), Lo: w[1]}, a.from)
	case a.kind == row.Double:
		*v = double(w[1])
	case a.kind == row.String:
		*v = row.NewString(s.Texts[a.text])
	case a.kind == row.Bytes:
		*v = row.NewBytes([]byte(s.Texts[a.text]))
	default:
		v.Set(a.kind, int64(w[1]))
	}
	return expression.Sound
}

// summing is what was summed: how, and whether DECIMALs.
type summing struct {
	how     accumulation
	decimal bool
}

// sums and averages are NULL of no value. A sum that does not fit is an error
// for that output only: what it is made of goes on exactly.
var sums = map[summing]resultFunc{
	{sumWhole, false}: func(a *Result, s *Group, v *row.Value) expression.Flaw {
		w := s.Words[a.At:]
		if w[0] == 0 {
			return expression.IsNull
		}
		n, ok := sumOfWords(w).Int64()
		v.Set(row.Bigint, n)
		return expression.OverflowIf(!ok)
	},
	{sumDouble, false}: func(a *Result, s *Group, v *row.Value) expression.Flaw {
		w := s.Words[a.At:]
		if w[0] == 0 {
			return expression.IsNull
		}
		*v = double(w[1])
		return expression.Sound
	},
	{sumWhole, true}: decimalSum,
	{sumWide, true}:  decimalSum,
	{sumWidest, true}: func(a *Result, s *Group, v *row.Value) expression.Flaw {
		w := s.Words[a.At:]
		if w[0] == 0 {
			return expression.IsNull
		}
		if w[2] == uint64(int64(w[1])>>63) && w[3] == w[2] { // as mostly
			v.SetDecimal(sumOfWords(w), a.to)
			return expression.Sound
		}
		sum, ok := WideSum(w)
		v.SetDecimal(sum, a.to)
		return expression.OverflowIf(!ok || !sum.Fits(row.MaxPrecision))
	},
}

// sumOfWords is the sum in the words of sumWhole and sumWide.
func sumOfWords(w []uint64) numeric.Int128 { return numeric.Int128{Hi: int64(w[2]), Lo: w[1]} }

func decimalSum(a *Result, s *Group, v *row.Value) expression.Flaw {
	w := s.Words[a.At:]
	if w[0] == 0 {
		return expression.IsNull
	}
	sum := sumOfWords(w)
	v.SetDecimal(sum, a.to)
	_, small := sum.Int64()
	return expression.OverflowIf(!small && !sum.Fits(row.MaxPrecision))
}

var averages = map[summing]resultFunc{
	// The float64 nearest to the exact sum, divided by the count.
	{sumWhole, false}: func(a *Result, s *Group, v *row.Value) expression.Flaw {
		w := s.Words[a.At:]
		if w[0] == 0 {
			return expression.IsNull
		}
		*v = row.NewDouble(sumOfWords(w).Float64() / float64(w[0]))
		return expression.Sound
	},
	{sumDouble, false}: func(a *Result, s *Group, v *row.Value) expression.Flaw {
		w := s.Words[a.At:]
		if w[0] == 0 {
			return expression.IsNull
		}
		*v = row.NewDouble(math.Float64frombits(w[1]) / float64(w[0]))
		return expression.Sound
	},
	{sumWhole, true}: smallAverage,
	{sumWide, true}:  smallAverage,
	{sumWidest, true}: func(a *Result, s *Group, v *row.Value) expression.Flaw {
		w := s.Words[a.At:]
		if w[0] == 0 {
			return expression.IsNull
		}
		return setAverage(v, w, a)
	},
}

func setAverage(v *row.Value, w []uint64, a *Result) expression.Flaw {
	average, err := DecimalAverage(w, a.from, a.to)
	*v = average
	return expression.FlawOf(average, err)
}

// smallAverage is decimalAverage where the sum has 128 bits, and mostly fits 64.
func smallAverage(a *Result, s *Group, v *row.Value) expression.Flaw {
	w := s.Words[a.At:][:3]
	n := w[0]
	if n == 0 {
		return expression.IsNull
	}
	if sum, ok := sumOfWords(w).Int64(); ok && a.to-a.from <= expression.NarrowPrecision {
		if high, scaled := bits.Mul64(expression.Magnitude(sum), numeric.Pow10(a.to-a.from).Lo); high == 0 {
			q := scaled / n
			if rest := scaled - q*n; rest >= n-rest {
				q++ // half away from zero; without a rest never
			}
			average := numeric.Int128{Lo: q}
			if sum < 0 {
				average = average.Neg()
			}
			v.SetDecimal(average, a.to)
			return expression.Sound
		}
	}
	return setAverage(v, []uint64{n, w[1], w[2], uint64(int64(w[2]) >> 63)}, a)
}

// WideSum returns the sum in the words of sumWidest, and whether it fits 128 bits.
func WideSum(w []uint64) (numeric.Int128, bool) {
	return numeric.Int128{Hi: int64(w[2]), Lo: w[1]}, int64(w[3]) == int64(w[2])>>63
}

// DecimalAverage divides exactly and rounds once, half away from zero.
func DecimalAverage(w []uint64, from, to int) (row.Value, error) {
	if v, ok := WideSum(w); ok {
		if scaled, ok := numeric.DecimalRescale(v, from, to); ok {
			if q, ok := numeric.DecimalQuo(scaled, numeric.Int128Of(int64(w[0]))); ok {
				return row.NewDecimal(q, to), nil
			}
		}
	}
	sum := big.NewInt(int64(w[3]))
	for _, word := range []uint64{w[2], w[1]} {
		sum.Lsh(sum, 64).Add(sum, new(big.Int).SetUint64(word))
	}
	sum.Mul(sum, expression.TenTo(to-from))
	count := big.NewInt(int64(w[0]))
	q, r := new(big.Int).QuoRem(sum, count, new(big.Int))
	if r.Lsh(r.Abs(r), 1).Cmp(count) >= 0 {
		q.Add(q, big.NewInt(int64(sum.Sign())))
	}
	v, ok := numeric.Int128FromBig(q)
	if !ok || !v.Fits(row.MaxPrecision) {
		return row.Value{}, expression.ErrOverflow
	}
	return row.NewDecimal(v, to), nil
}
