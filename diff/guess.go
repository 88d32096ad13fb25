package diff

import (
	"math/big"

	"parallax/processors/row"
)

// valueGuesses are reasons why the values of two rows of one identity and cause may differ,
// decided from these two rows alone.
var valueGuesses = []struct {
	guess Hypothesis
	fits  func(one, two *row.Change) bool
}{
	{FloatOrder, nearly},
	{ThroughDouble, throughDouble},
	{TimeZone, shifted},
	{OtherUnit, scaled},
}

// differing visits the pairs of values that differ, the rows' own timestamps first, and
// reports whether there are any and ok is true for each.
func differing(one, two *row.Change, ok func(a, b row.Value) bool) bool {
	if len(one.Values) != len(two.Values) {
		return false
	}
	some := false
	if one.Timestamp != two.Timestamp {
		if some = true; !ok(row.NewTimestamp(one.Timestamp), row.NewTimestamp(two.Timestamp)) {
			return false
		}
	}
	for i, a := range one.Values {
		if b := two.Values[i]; !row.Equal(a, b) {
			if some = true; !ok(a, b) {
				return false
			}
		}
	}
	return some
}

// throughDouble reports whether V2's numbers are V1's integers after a conversion to
// DOUBLE.
func throughDouble(one, two *row.Change) bool {
	return differing(one, two, func(a, b row.Value) bool {
		if a.Kind() != row.Bigint && a.Kind() != row.Int {
			return false
		}
		n, ok := number(b)
		return ok && n.Cmp(new(big.Rat).SetFloat64(float64(a.Int64()))) == 0
	})
}

// quarter is a quarter of an hour, the step of time zones, and furthest how far two of
// them are apart, in ms.
const (
	quarter  = 15 * 60_000
	furthest = 26 * 3_600_000
)

// shifted reports whether times, and nothing else, are all off by the same number of
// quarters of an hour.
func shifted(one, two *row.Change) bool {
	shift := int64(0)
	return differing(one, two, func(a, b row.Value) bool {
		if a.Kind() != row.Timestamp || b.Kind() != row.Timestamp {
			return false
		}
		by := b.Int64() - a.Int64()
		if shift == 0 {
			shift = by
		}
		return by == shift && by%quarter == 0 && max(by, -by) <= furthest
	})
}

// factors are the factors between units of time, of sizes, and of money.
var factors = []int64{60, 100, 1000, 1024, 3600, 86_400, 1_000_000, 1 << 20, 3_600_000, 86_400_000, 1_000_000_000}

// scaled reports whether all that differs is off by the same factor between units.
func scaled(one, two *row.Change) bool {
	var factor *big.Rat
	return differing(one, two, func(a, b row.Value) bool {
		x, xok := number(a)
		y, yok := number(b)
		if !xok || !yok || x.Sign() == 0 || y.Sign() == 0 {
			return false
		}
		f := new(big.Rat).Quo(y, x)
		if factor == nil {
			factor = f
		}
		return f.Cmp(factor) == 0 && isFactor(f)
	})
}

// isFactor reports whether f is a factor between units, or its inverse.
func isFactor(f *big.Rat) bool {
	for _, n := range factors {
		if f.IsInt() && f.Num().IsInt64() && f.Num().Int64() == n || f.Num().IsInt64() && f.Num().Int64() == 1 && f.Denom().IsInt64() && f.Denom().Int64() == n {
			return true
		}
	}
	return false
}
