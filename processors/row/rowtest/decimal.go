// Package rowtest draws random values for the tests of packages that compute with them.
//
// Stability: ours.
package rowtest

import (
	"math/big"

	"pgregory.net/rapid"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// Decimals draws unscaled DECIMALs up to their 38 digits, ends included.
func Decimals() *rapid.Generator[numeric.Int128] {
	return rapid.Custom(func(t *rapid.T) numeric.Int128 {
		widest, _ := numeric.Pow10(row.MaxPrecision).Sub(numeric.Int128Of(1))
		switch rapid.IntRange(0, 3).Draw(t, "size") {
		case 0:
			return numeric.Int128Of(rapid.Int64Range(-9, 9).Draw(t, "small"))
		case 1:
			return widest
		case 2:
			return widest.Neg()
		default:
			n := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 15).Draw(t, "bytes"))
			v, _ := numeric.Int128FromBig(n)
			if rapid.Bool().Draw(t, "negative") {
				v = v.Neg()
			}
			return v
		}
	})
}
