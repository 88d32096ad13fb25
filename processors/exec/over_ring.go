package exec

import (
	"math"
	"slices"
	"strings"

	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/expression"
	"parallax/processors/row"
)

// overArgument is an argument of which values are kept.
type overArgument struct {
	aggregate.Argument
	// keep is how many of them, the record's own among them; 0 for none.
	keep int64
	// narrow says that they are numbers of one word.
	narrow bool
}

// wordDigits is how many digits of a DECIMAL fit one word.
const wordDigits = 18

// fitsWord reports whether a value of a type, unless it is text or a DOUBLE, is a
// number of one word.
func fitsWord(t row.Type) bool {
	return expression.IsWhole(t.Kind) || t.Kind == row.Decimal && t.Precision <= wordDigits
}

// ring keeps an argument's last values: that of row n of the partition is at
// n modulo the ring's size, a power of two. It grows as rows come, up to what the
// query looks back. Only the slices that the argument's kind needs are there.
type ring struct {
	valid []bool
	low   []uint64 // numbers; the bits of a DOUBLE; the low word of a DECIMAL
	high  []int64  // the high word of a DECIMAL that is not narrow
	text  []string // STRING, BYTES
}

// at returns where row n is.
func (r *ring) at(n int64) int { return int(n) & (len(r.valid) - 1) }

// put keeps row n's value; rows come one after another.
func (r *ring) put(n int64, a *overArgument, o *aggregate.Operand) {
	if size := int64(len(r.valid)); n >= size && size < a.keep {
		r.grow(n, a)
	}
	i := r.at(n)
	r.valid[i] = o.Valid
	if a.narrow {
		r.low[i] = o.Lo
		return
	}
	switch a.Kind {
	case row.String, row.Bytes:
		if r.text[i] != o.Text || !o.Valid {
			r.text[i] = ""
			if o.Valid {
				r.text[i] = strings.Clone(o.Text) // the batch's is gone tomorrow
			}
		}
	case row.Decimal:
		r.low[i], r.high[i] = o.Lo, o.Hi
	default:
		r.low[i] = o.Lo
	}
}

// grow makes the ring twice as large before row n comes.
func (r *ring) grow(n int64, a *overArgument) {
	old := *r
	r.makeRoom(max(leastRing, 2*len(r.valid)), a)
	for m := n - int64(len(old.valid)); m < n; m++ {
		from, to := old.at(m), r.at(m)
		r.valid[to] = old.valid[from]
		if r.text != nil {
			r.text[to] = old.text[from]
		}
		if r.low != nil {
			r.low[to] = old.low[from]
		}
		if r.high != nil {
			r.high[to] = old.high[from]
		}
	}
}

// leastRing is the size of a ring after the first row.
const leastRing = 4

// makeRoom makes an empty ring of a size.
func (r *ring) makeRoom(size int, a *overArgument) {
	r.valid = make([]bool, size)
	switch a.Kind {
	case row.String, row.Bytes:
		r.text = make([]string, size)
	case row.Decimal:
		if !a.narrow {
			r.high = make([]int64, size)
		}
		fallthrough
	default:
		r.low = make([]uint64, size)
	}
}

// operand returns what is at a place.
func (r *ring) operand(i int) aggregate.Operand {
	o := aggregate.Operand{Valid: r.valid[i]}
	if r.low != nil {
		o.Set(int64(r.low[i]))
	}
	if r.high != nil {
		o.Hi = r.high[i]
	}
	if r.text != nil {
		o.Text = r.text[i]
	}
	return o
}

func (r ring) clone() ring {
	return ring{valid: slices.Clone(r.valid), low: slices.Clone(r.low), high: slices.Clone(r.high), text: slices.Clone(r.text)}
}

// addDoubles adds the DOUBLEs of rows [from, to) in input order, and counts them.
func (r *ring) addDoubles(from, to int64) (n int64, sum float64) {
	for m := from; m < to; m++ {
		if i := r.at(m); r.valid[i] {
			n++
			sum += math.Float64frombits(r.low[i])
		}
	}
	return n, sum
}
