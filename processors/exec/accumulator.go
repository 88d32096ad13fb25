package exec

import (
	"cmp"
	"math"
	"math/big"
	"math/bits"
	"strings"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// argument is what an aggregate sees of a record. Aggregates over the same
// expression share it.
type argument struct {
	// column is that of the source, -1 where it takes a function.
	column int
	kind   row.Kind
	scale  int
	whole  wholeFunc
	double doubleFunc
	wide   wideFunc
	text   eval // STRING, BYTES
	// uses is how many aggregates it is an argument of: a failure is one of each.
	uses int64
}

// operand is an argument's value: lo and hi are the words of a DECIMAL, lo the
// number or the bits of anything else but text.
type operand struct {
	lo    uint64
	hi    int64
	text  string
	valid bool
}

func compileArgument(e plan.Expr) (argument, error) {
	a := argument{column: -1, kind: e.Type().Kind, scale: e.Type().Scale}
	if c, ok := e.(*plan.Column); ok {
		a.column = c.Index
		return a, nil
	}
	var err error
	switch {
	case isWhole(a.kind):
		a.whole, err = compileWhole(e)
	case a.kind == row.Double:
		a.double, err = compileDouble(e)
	case a.kind == row.Decimal:
		a.wide, err = compileWide(e)
	default:
		a.text, err = compile(e)
	}
	return a, err
}

// read evaluates the argument.
func (a *argument) read(n *env, o *operand) flaw {
	if a.column >= 0 {
		c := n.table.Columns[a.column]
		if o.valid = c.Valid(n.row); !o.valid {
			return isNull
		}
		switch a.kind {
		case row.Decimal:
			v := c.Int128(n.row)
			o.lo, o.hi = v.Lo, v.Hi
		case row.String, row.Bytes:
			o.text = c.Str(n.row)
		case row.Array, row.Map, row.Struct: // only COUNT takes them
		default:
			o.lo = uint64(c.Int64(n.row)) // of a DOUBLE its bits
		}
		return sound
	}
	var bad flaw
	switch {
	case a.whole != nil:
		var v int64
		v, bad = a.whole(n)
		o.lo = uint64(v)
	case a.double != nil:
		var v float64
		v, bad = a.double(n)
		o.lo = math.Float64bits(v)
	case a.wide != nil:
		var v row.Int128
		v, bad = a.wide(n)
		o.lo, o.hi = v.Lo, v.Hi
	default:
		v, err := a.text(n)
		o.text, bad = v.Str(), flawOf(v, err)
	}
	o.valid = bad == sound
	return bad
}

// fold is what an aggregate does with each record: its words lie in the group's
// from at on, the first of them a count; a text is in the group's texts.
// Aggregates that do the same share it: SUM(x) and AVG(x), say.
type fold struct {
	op       accumulation
	larger   bool // MAX, not MIN
	argument int  // -1 for COUNT(*)
	at, text int
}

// aggregate makes an aggregate's result of what its fold left. counts says that
// it is the count itself.
type aggregate struct {
	at, text int
	counts   bool
	result   func(*aggregate, *groupState) (row.Value, error)
	kind     row.Kind // of the argument
	// from is the argument's scale, to the result's.
	from, to int
}

// accumulation says what the words are, and what a record does to them.
type accumulation uint8

const (
	countRows accumulation = iota
	countValues
	sumWhole  // n, sum of 128 bits
	sumWide   // n, sum of 192 bits: no digit is ever lost
	sumDouble // n, sum in input order
	bestWhole // n, value
	bestDouble
	bestWide // n, value of 128 bits
	bestText // n; the text apart
)

// words is how many words each takes.
var words = [...]int{
	countRows: 1, countValues: 1, sumWhole: 3, sumWide: 4, sumDouble: 2,
	bestWhole: 2, bestDouble: 2, bestWide: 3, bestText: 1,
}

// compileAggregate says what a call folds and what it makes of that.
func compileAggregate(c plan.AggregateCall) (fold, aggregate) {
	f, a := fold{op: countRows, argument: -1}, aggregate{result: countOf, counts: true, to: c.Type.Scale}
	if c.Arg == nil {
		return f, a
	}
	a.kind, a.from = c.Arg.Type().Kind, c.Arg.Type().Scale
	a.counts = c.Func == plan.Count
	switch c.Func {
	case plan.Count:
		f.op = countValues
	case plan.Min, plan.Max:
		f.op, f.larger, a.result = bestOf(a.kind), c.Func == plan.Max, bestValue
	case plan.Sum:
		f.op = sumOf(a.kind)
		a.result = sums[f.op]
	default:
		f.op = sumOf(a.kind)
		a.result = averages[f.op]
	}
	return f, a
}

func bestOf(k row.Kind) accumulation {
	switch k {
	case row.Decimal:
		return bestWide
	case row.Double:
		return bestDouble
	case row.String, row.Bytes:
		return bestText
	}
	return bestWhole
}

func sumOf(k row.Kind) accumulation {
	switch k {
	case row.Decimal:
		return sumWide
	case row.Double:
		return sumDouble
	}
	return sumWhole
}

// add takes a record's operand into a group.
func (f *fold) add(s *groupState, o *operand) {
	w := s.words[f.at:]
	if f.op == countRows {
		w[0]++
		return
	}
	if !o.valid {
		return
	}
	w[0]++
	switch f.op {
	case sumWhole:
		var carry uint64
		w[1], carry = bits.Add64(w[1], o.lo, 0)
		w[2] += uint64(int64(o.lo)>>63) + carry
	case sumWide:
		var carry uint64
		w[1], carry = bits.Add64(w[1], o.lo, 0)
		w[2], carry = bits.Add64(w[2], uint64(o.hi), carry)
		w[3] += uint64(o.hi>>63) + carry
	case sumDouble:
		w[1] = math.Float64bits(math.Float64frombits(w[1]) + math.Float64frombits(o.lo))
	case bestWhole:
		if w[0] == 1 || f.better(cmp.Compare(int64(o.lo), int64(w[1]))) {
			w[1] = o.lo
		}
	case bestWide:
		if w[0] == 1 || f.better(row.Int128{Hi: o.hi, Lo: o.lo}.Cmp(row.Int128{Hi: int64(w[2]), Lo: w[1]})) {
			w[1], w[2] = o.lo, uint64(o.hi)
		}
	case bestDouble:
		if w[0] == 1 || f.better(row.Compare(double(o.lo), double(w[1]))) {
			w[1] = o.lo
		}
	case bestText:
		if w[0] == 1 || f.better(cmp.Compare(o.text, (*s.texts)[f.text])) {
			(*s.texts)[f.text] = strings.Clone(o.text) // the batch's is gone tomorrow
		}
	}
}

// better reports whether a value that compares so to the best so far replaces it.
func (f *fold) better(order int) bool { return order != 0 && (order > 0) == f.larger }

func double(bits uint64) row.Value { return row.NewDouble(math.Float64frombits(bits)) }

func countOf(a *aggregate, s *groupState) (row.Value, error) {
	return row.NewBigint(int64(s.words[a.at])), nil
}

func bestValue(a *aggregate, s *groupState) (row.Value, error) {
	w := s.words[a.at:]
	switch {
	case w[0] == 0:
		return row.Value{}, nil
	case a.kind == row.Decimal:
		return row.NewDecimal(row.Int128{Hi: int64(w[2]), Lo: w[1]}, a.from), nil
	case a.kind == row.Double:
		return double(w[1]), nil
	case a.kind == row.String:
		return row.NewString((*s.texts)[a.text]), nil
	case a.kind == row.Bytes:
		return row.NewBytes([]byte((*s.texts)[a.text])), nil
	}
	return row.NewIntegral(a.kind, int64(w[1])), nil
}

// sums and averages are NULL of no value. A sum that does not fit is an error
// for that output only: what it is made of goes on exactly.
var sums = [...]func(*aggregate, *groupState) (row.Value, error){
	sumWhole: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		n, ok := row.Int128{Hi: int64(w[2]), Lo: w[1]}.Int64()
		switch {
		case w[0] == 0:
			return row.Value{}, nil
		case !ok:
			return row.Value{}, errOverflow
		}
		return row.NewBigint(n), nil
	},
	sumWide: func(a *aggregate, s *groupState) (row.Value, error) {
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
	sumDouble: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		if w[0] == 0 {
			return row.Value{}, nil
		}
		return double(w[1]), nil
	},
}

var averages = [...]func(*aggregate, *groupState) (row.Value, error){
	// The float64 nearest to the exact sum, divided by the count.
	sumWhole: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		if w[0] == 0 {
			return row.Value{}, nil
		}
		return row.NewDouble(row.Int128{Hi: int64(w[2]), Lo: w[1]}.Float64() / float64(w[0])), nil
	},
	sumWide: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		if w[0] == 0 {
			return row.Value{}, nil
		}
		return decimalAverage(w, a.from, a.to)
	},
	sumDouble: func(a *aggregate, s *groupState) (row.Value, error) {
		w := s.words[a.at:]
		if w[0] == 0 {
			return row.Value{}, nil
		}
		return row.NewDouble(math.Float64frombits(w[1]) / float64(w[0])), nil
	},
}

// wideSum is the sum in the words of sumWide, and whether it fits 128 bits.
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
