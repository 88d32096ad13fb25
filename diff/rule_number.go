package diff

import (
	"math"
	"math/big"

	"parallax/processors/row"
)

// gapOf returns two different numbers of one type and the distance between them; ok is
// false for other values. Equal numbers of different types or scales are not a small
// difference.
func gapOf(x, y row.Value) (a, b, gap *big.Rat, ok bool) {
	if kindOf(x) != kindOf(y) {
		return nil, nil, nil, false
	}
	a, aok := number(x)
	b, bok := number(y)
	if !aok || !bok || a.Cmp(b) == 0 {
		return nil, nil, nil, false
	}
	gap = new(big.Rat).Sub(a, b)
	return a, b, gap.Abs(gap), true
}

func isNearAbsolutely(r *Rule, x, y row.Value) bool {
	_, _, gap, ok := gapOf(x, y)
	return ok && gap.Cmp(new(big.Rat).SetFloat64(r.Absolute)) <= 0
}

func isNearRelatively(r *Rule, x, y row.Value) bool {
	a, _, gap, ok := gapOf(x, y)
	return ok && gap.Cmp(partOf(r.Relative, a.Abs(a))) <= 0
}

// isWithinEpsilon is a relative tolerance that both sides determine, with a floor for
// numbers near zero, where a relative one allows nothing.
func isWithinEpsilon(r *Rule, x, y row.Value) bool {
	a, b, gap, ok := gapOf(x, y)
	if !ok {
		return false
	}
	largest := big.NewRat(1, 1)
	for _, n := range []*big.Rat{a.Abs(a), b.Abs(b)} {
		if n.Cmp(largest) > 0 {
			largest = n
		}
	}
	return gap.Cmp(partOf(r.Epsilon, largest)) <= 0
}

func isWithinULP(r *Rule, x, y row.Value) bool {
	a, _, gap, ok := gapOf(x, y)
	if !ok {
		return false
	}
	f, _ := a.Float64()
	f = math.Abs(f)
	unit := math.Nextafter(f, math.Inf(1)) - f
	if math.IsInf(unit, 0) || math.IsNaN(unit) {
		return false
	}
	return gap.Cmp(partOf(r.ULP, new(big.Rat).SetFloat64(unit))) <= 0
}

// partOf returns part * whole, exactly.
func partOf(part float64, whole *big.Rat) *big.Rat {
	p := new(big.Rat).SetFloat64(part)
	return p.Mul(p, whole)
}
