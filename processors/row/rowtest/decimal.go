// Package rowtest draws random values for the tests of packages that compute with them.
//
// Stability: ours.
package rowtest

import (
	"math/big"

	"pgregory.net/rapid"

	"parallax/processors/row"
)

// Decimals draws unscaled DECIMALs up to their 38 digits, ends included.
func Decimals() *rapid.Generator[row.Int128] {
	return rapid.Custom(func(t *rapid.T) row.Int128 {
		widest, _ := row.Pow10(row.MaxPrecision).Sub(row.Int128Of(1))
		switch rapid.IntRange(0, 3).Draw(t, "size") {
		case 0:
			return row.Int128Of(rapid.Int64Range(-9, 9).Draw(t, "small"))
		case 1:
			return widest
		case 2:
			return widest.Neg()
		default:
			n := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 15).Draw(t, "bytes"))
			v, _ := row.Int128FromBig(n)
			if rapid.Bool().Draw(t, "negative") {
				v = v.Neg()
			}
			return v
		}
	})
}
