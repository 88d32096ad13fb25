package aggregate

import (
	"math"
	"math/big"
	"math/bits"

	"parallax/processors/exec/expression"
	"parallax/processors/functions/aggregates"
	"parallax/processors/numeric"
	"parallax/processors/row"
)

// The words of moments, of n values x: momentsWhole has n, the sum of x in two, the
// sum of x^2 in three words; momentsWide the sums in three and five words.
// momentsDouble has n, the mean, and the sum of the squares of what x is off the
// mean, by Welford's recurrence in input order.

func momentsOf(t row.Type) accumulation {
	switch {
	case t.Kind == row.Double:
		return momentsDouble
	case expression.IsNarrow(t):
		return momentsWhole
	}
	return momentsWide
}

// addWords adds a number of as many words or fewer, the lowest first.
func addWords(to, n []uint64) {
	var carry uint64
	for i := range to {
		var more uint64
		if i < len(n) {
			more = n[i]
		}
		to[i], carry = bits.Add64(to[i], more, carry)
	}
}

func addMoments(w []uint64, x int64) {
	n, square := momentsOfWord(x)
	addWords(w[1:3], n[:])
	addWords(w[3:6], square[:])
}

func addWideMoments(w []uint64, x numeric.Int128) {
	n, square := momentsOfWide(x)
	addWords(w[1:4], n[:])
	addWords(w[4:9], square[:])
}

// momentsOfWord is a number and its square, as they are added.
func momentsOfWord(x int64) (n, square [2]uint64) {
	high := uint64(x >> 63)
	size := (uint64(x) ^ high) - high
	hi, lo := bits.Mul64(size, size)
	return [2]uint64{uint64(x), high}, [2]uint64{lo, hi}
}

func momentsOfWide(x numeric.Int128) (n [3]uint64, square [4]uint64) {
	n = [3]uint64{x.Lo, uint64(x.Hi), uint64(x.Hi >> 63)}
	if x.Hi < 0 {
		x = x.Neg()
	}
	crossHi, crossLo := bits.Mul64(x.Lo, uint64(x.Hi))
	square[1], square[0] = bits.Mul64(x.Lo, x.Lo)
	square[3], square[2] = bits.Mul64(uint64(x.Hi), uint64(x.Hi))
	for range 2 {
		addWords(square[:], []uint64{0, crossLo, crossHi})
	}
	return n, square
}

// addDoubleMoments adds x, which n counts already. No product is fused with a sum:
// the result would depend on the machine.
func addDoubleMoments(w []uint64, x float64) {
	mean, squares := math.Float64frombits(w[1]), math.Float64frombits(w[2])
	off := x - mean
	mean += off / float64(w[0])
	squares += float64(off * (x - mean))
	w[1], w[2] = math.Float64bits(mean), math.Float64bits(squares)
}

// spread is a variance, or with root its square root, over n-less values.
type spread struct {
	less uint64
	root bool
	// unit is 10^(2*scale) of a DECIMAL.
	unit *big.Int
	// scratch, so that nothing is allocated for a row
	n, sum, squares, by big.Int
}

// spreads are the aggregates made of moments.
var spreads = map[aggregates.Name]spread{
	aggregates.VarSample: {less: 1}, aggregates.VarPop: {},
	aggregates.StddevSample: {less: 1, root: true}, aggregates.StddevPop: {root: true},
}

// result is NULL of no more values than are left out.
func (p *spread) result(a *Result, s *Group, v *row.Value) expression.Flaw {
	w := s.Words[a.At:]
	n := w[0]
	if n <= p.less {
		return expression.IsNull
	}
	var f float64
	switch a.op {
	case momentsDouble:
		f = math.Float64frombits(w[2]) / float64(n-p.less)
	case momentsWhole:
		f = p.exact(n, w[1:3], w[3:6])
	default:
		f = p.exact(n, w[1:4], w[4:9])
	}
	if p.root {
		f = math.Sqrt(f)
	}
	*v = row.NewDouble(f)
	return expression.Sound
}

// exact is (n * the sum of squares - the square of the sum) / (n * (n - less)), of
// which both sides are exact and rounded once before they are divided.
func (p *spread) exact(n uint64, sum, squares []uint64) float64 {
	setSize(&p.sum, sum)
	setSize(&p.squares, squares)
	p.n.SetUint64(n)
	p.by.Mul(&p.sum, &p.sum)
	p.sum.Mul(&p.squares, &p.n)
	p.sum.Sub(&p.sum, &p.by)
	top := nearestDouble(&p.sum)
	p.by.SetUint64(n - p.less)
	p.squares.Mul(&p.n, &p.by)
	p.by.Mul(&p.squares, p.unit)
	return top / nearestDouble(&p.by)
}

// setSize makes n a number of some words, the lowest first, without its sign.
func setSize(n *big.Int, words []uint64) {
	own := n.Bits()[:0]
	negative := words[len(words)-1]>>63 != 0
	carry := uint64(1)
	for _, w := range words {
		if negative {
			w, carry = bits.Add64(^w, 0, carry)
		}
		own = append(own, big.Word(w))
	}
	n.SetBits(own)
}

// nearestDouble rounds a number that is not negative to a DOUBLE, without
// allocating.
func nearestDouble(n *big.Int) float64 {
	words := n.Bits()
	length := n.BitLen()
	if length <= 64 {
		if length == 0 {
			return 0
		}
		return float64(uint64(words[0]))
	}
	shift := length - 64
	at, by := shift/64, uint(shift%64)
	top := uint64(words[at]) >> by
	if by > 0 {
		top |= uint64(words[at+1]) << (64 - by)
	}
	rest := uint64(words[at]) & (1<<by - 1)
	for _, w := range words[:at] {
		rest |= uint64(w)
	}
	if rest != 0 {
		top |= 1 // so that it is not taken for half way
	}
	return math.Ldexp(float64(top), shift)
}
