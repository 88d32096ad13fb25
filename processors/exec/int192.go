package exec

import (
	"math/big"
	"math/bits"

	"parallax/processors/row"
)

// int192 is an exact sum of up to 2^64 Int128s: an accumulator never loses a
// digit, even where the sum it stands at could not be shown.
type int192 struct {
	hi  int64
	mid uint64
	lo  uint64
}

func (a *int192) add(v row.Int128) {
	var carry uint64
	a.lo, carry = bits.Add64(a.lo, v.Lo, 0)
	a.mid, carry = bits.Add64(a.mid, uint64(v.Hi), carry)
	a.hi += v.Hi>>63 + int64(carry)
}

// int128 returns the sum, and whether it fits.
func (a *int192) int128() (row.Int128, bool) {
	return row.Int128{Hi: int64(a.mid), Lo: a.lo}, a.hi == int64(a.mid)>>63
}

func (a *int192) big() *big.Int {
	v := new(big.Int).SetInt64(a.hi)
	v.Lsh(v, 64).Add(v, new(big.Int).SetUint64(a.mid))
	return v.Lsh(v, 64).Add(v, new(big.Int).SetUint64(a.lo))
}

// float64 returns the nearest float64.
func (a *int192) float64() float64 {
	if v, ok := a.int128(); ok {
		return v.Float64()
	}
	f, _ := new(big.Float).SetInt(a.big()).Float64()
	return f
}
