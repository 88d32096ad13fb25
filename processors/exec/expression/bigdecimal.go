package expression

import (
	"math/big"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// The slow paths of DECIMAL arithmetic: an intermediate result needs more than
// 128 bits, the final one may not.

func TenTo(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// scaledBig brings an unscaled value from a scale to a larger one.
func scaledBig(v numeric.Int128, from, to int) *big.Int {
	return new(big.Int).Mul(v.Big(), TenTo(to-from))
}

// fromBig brings a value from one scale to another, half away from zero.
func fromBig(v *big.Int, from, to int) (numeric.Int128, bool) {
	if to >= from {
		v.Mul(v, TenTo(to-from))
	} else {
		unit := TenTo(from - to)
		q, r := new(big.Int).QuoRem(v, unit, new(big.Int))
		if r.Lsh(r.Abs(r), 1).Cmp(unit) >= 0 {
			q.Add(q, big.NewInt(int64(v.Sign())))
		}
		v = q
	}
	d, ok := numeric.Int128FromBig(v)
	return d, ok && d.Digits() <= row.MaxPrecision
}

func bigProduct(a, b numeric.Int128, from, to int) (numeric.Int128, bool) {
	return fromBig(new(big.Int).Mul(a.Big(), b.Big()), from, to)
}

// bigSum adds, or subtracts where op does.
func bigSum(a numeric.Int128, sa int, b numeric.Int128, sb, scale int, op func(a, b numeric.Int128) (numeric.Int128, bool)) (numeric.Int128, bool) {
	common := max(sa, sb)
	x, y := scaledBig(a, sa, common), scaledBig(b, sb, common)
	if minusOne, _ := op(numeric.Int128{}, numeric.Int128Of(1)); minusOne.Sign() < 0 {
		y.Neg(y)
	}
	return fromBig(x.Add(x, y), common, scale)
}
