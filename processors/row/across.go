package row

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"parallax/processors/numeric"
)

// CompareAcross is Compare for values of two types that have a common type. It converts
// neither to that type, so it is exact: integers and DECIMALs of any scale compare as
// numbers. A DOUBLE compares with another number as a DOUBLE.
func CompareAcross(a, b Value) int {
	switch k, l := a.Kind(), b.Kind(); {
	case k == l && k.IsNested():
		return compareNestedAcross(a, b)
	case k == l || k == Null || l == Null:
		return Compare(a, b)
	case k == Double || l == Double:
		return Compare(NewDouble(a.AsDouble()), NewDouble(b.AsDouble()))
	case k == Decimal || l == Decimal:
		return Compare(a.asDecimal(), b.asDecimal())
	}
	return cmp.Compare(a.Int64(), b.Int64())
}

// EqualAcross is Equal for values of two types that have a common type.
func EqualAcross(a, b Value) bool { return CompareAcross(a, b) == 0 }

func compareNestedAcross(a, b Value) int {
	x, y := a.nested(), b.nested()
	if a.Kind() == Map {
		if c := slices.CompareFunc(x.names, y.names, strings.Compare); c != 0 {
			return c
		}
	}
	return slices.CompareFunc(x.values, y.values, CompareAcross)
}

// asDecimal is an INT or BIGINT as a DECIMAL without digits after the point.
func (v Value) asDecimal() Value {
	if v.Kind() == Decimal {
		return v
	}
	return NewDecimal(numeric.Int128Of(v.Int64()), 0)
}

// exactWhole limits the whole numbers that a DOUBLE holds exactly; exactTens are the powers
// of ten that it holds exactly. The quotient of two such DOUBLEs is the DOUBLE nearest to
// the exact quotient.
const exactWhole = 1 << 53

var exactTens = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// AsDouble is the DOUBLE nearest to a number: an INT, BIGINT, DECIMAL or DOUBLE.
func (v Value) AsDouble() float64 {
	switch v.Kind() {
	case Double:
		return v.Float64()
	case Decimal:
		u, scale := v.Decimal()
		if scale < len(exactTens) {
			if n, ok := u.Int64(); ok && n <= exactWhole && n >= -exactWhole {
				return float64(n) / exactTens[scale]
			}
		}
		f, _ := strconv.ParseFloat(string(u.AppendDecimal(nil, scale)), 64) // a DECIMAL is within the range
		return f
	}
	return float64(v.Int64())
}
