package oracle

import (
	"errors"
	"math/big"
	"strings"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

var (
	errOverflow = errors.New("the result does not fit its type")
	errDivision = errors.New("division by zero")
	errCast     = errors.New("the value cannot be cast")
)

// toRat is an integer or DECIMAL as an exact number.
func toRat(v row.Value) *big.Rat {
	if v.Kind() != row.Decimal {
		return new(big.Rat).SetInt64(v.Int64())
	}
	r, _ := new(big.Rat).SetString(v.String())
	return r
}

// fromRat brings an exact number to an integer type, which it must be whole
// for, or to a DECIMAL, rounded half away from zero.
func fromRat(r *big.Rat, t row.Type) (row.Value, error) {
	text := r.FloatString(t.Scale) // rounds half away from zero
	digits := strings.TrimLeft(strings.Replace(strings.TrimPrefix(text, "-"), ".", "", 1), "0")
	n, _ := new(big.Int).SetString(strings.Replace(text, ".", "", 1), 10)
	switch t.Kind {
	case row.Int:
		if !n.IsInt64() || n.Int64() != int64(int32(n.Int64())) {
			return row.Value{}, errOverflow
		}
		return row.NewInt(n.Int64()), nil
	case row.Bigint:
		if !n.IsInt64() {
			return row.Value{}, errOverflow
		}
		return row.NewBigint(n.Int64()), nil
	}
	unscaled, ok := numeric.Int128FromBig(n)
	if !ok || len(digits) > t.Precision {
		return row.Value{}, errOverflow
	}
	return row.NewDecimal(unscaled, t.Scale), nil
}

// truncated is a number without its fraction.
func truncated(r *big.Rat) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Quo(r.Num(), r.Denom()))
}
