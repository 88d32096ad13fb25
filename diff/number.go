package diff

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// JSONNumber returns the number in a JSON text. It keeps the spelling: two spellings of one
// number are different values for which sameNumber is true. The sign of zero is dropped,
// because -0 is 0. The value is a DECIMAL if a DECIMAL is written with the same text,
// otherwise a special value (see isSpelled).
func JSONNumber(text string) row.Value {
	digits, isNegative := strings.CutPrefix(text, "-")
	if v, scale, ok := numeric.ParseDecimal(text); ok && scale <= row.MaxPrecision {
		if v.Sign() == 0 {
			text = digits
		}
		var written [64]byte
		if string(v.AppendDecimal(written[:0], scale)) == text {
			return row.NewDecimal(v, scale)
		}
	}
	exact := exactNumber(digits)
	switch {
	case exact == zero:
		text = digits
	case isNegative:
		exact = "-" + exact
	}
	return row.NewStruct([]string{spelledField, exactField}, []row.Value{row.NewString(text), row.NewString(exact)})
}

// The fields of a number that is not a DECIMAL: its text, and the text that all spellings
// of the number share. No field of a STRUCT has these names.
const spelledField, exactField = "\x00number", "\x00exact"

// isSpelled reports whether a value is a number of JSONNumber that is not a DECIMAL.
func isSpelled(v row.Value) bool {
	return v.Kind() == row.Struct && len(v.Names()) == 2 && v.Names()[0] == spelledField
}

// zero is the exactNumber of 0.
const zero = "0e0"

// exactNumber returns the significant digits and the exponent of a JSON number without a
// sign: the same text for all spellings of a number. An exponent too large for an int is
// left as it is written.
func exactNumber(text string) string {
	digits, exponent := text, 0
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		var err error
		if exponent, err = strconv.Atoi(text[at+1:]); err != nil || exponent > math.MaxInt32 || exponent < math.MinInt32 {
			if strings.Trim(text[:at], "0.") == "" {
				return zero
			}
			return text
		}
		digits = text[:at]
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	digits, exponent = strings.TrimLeft(whole+fraction, "0"), exponent-len(fraction)
	significant := strings.TrimRight(digits, "0")
	if significant == "" {
		return zero
	}
	return significant + "e" + strconv.Itoa(exponent+len(digits)-len(significant))
}

// PlainNumber returns the text of a JSON number without a sign that all spellings of the
// number share: its digits without leading and trailing zeros, or, if these are more than
// 38, the digits with an exponent.
func PlainNumber(text string) string {
	exact := exactNumber(text)
	digits, after, _ := strings.Cut(exact, "e")
	exponent, err := strconv.Atoi(after)
	whole := len(digits) + exponent // digits before the point
	switch {
	case err != nil || whole > row.MaxPrecision || max(whole, 0)-min(exponent, 0) > row.MaxPrecision:
		return exact
	case exponent >= 0:
		return digits + strings.Repeat("0", exponent)
	case whole > 0:
		return digits[:whole] + "." + digits[whole:]
	}
	return "0." + strings.Repeat("0", -whole) + digits
}

// mostDigits limits the digits and the exponent of numbers in calculations. No SQL type has
// larger ones.
const mostDigits = 1000

// number is a numeric value as an exact number.
func number(v row.Value) (*big.Rat, bool) {
	switch v.Kind() {
	case row.Int, row.Bigint:
		return new(big.Rat).SetInt64(v.Int64()), true
	case row.Decimal:
		unscaled, scale := v.Decimal()
		return new(big.Rat).SetFrac(unscaled.Big(), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)), true
	case row.Double:
		f := v.Float64()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, false
		}
		return new(big.Rat).SetFloat64(f), true
	}
	if !isSpelled(v) {
		return nil, false
	}
	exact := v.Elements()[1].Str()
	digits, text, _ := strings.Cut(exact, "e")
	exponent, err := strconv.Atoi(text)
	if err != nil || len(digits) > mostDigits || exponent > mostDigits || exponent < -mostDigits {
		return nil, false
	}
	return new(big.Rat).SetString(exact)
}

// sameNumber reports whether two values are the same number. Types, scales and spellings
// may differ.
func sameNumber(a, b row.Value) bool {
	if isSpelled(a) && isSpelled(b) {
		return a.Elements()[1].Str() == b.Elements()[1].Str()
	}
	if kind := a.Kind(); kind == b.Kind() && (kind == row.Int || kind == row.Bigint || kind == row.Double) {
		return row.Equal(a, b)
	}
	x, xok := number(a)
	y, yok := number(b)
	return xok && yok && x.Cmp(y) == 0
}

// onlyTypes reports whether rows have the same numbers with other types or spellings: 1 and
// 1.0, or DECIMALs of different scales.
func onlyTypes(one, two *row.Change) bool {
	if one.Timestamp != two.Timestamp || len(one.Values) != len(two.Values) {
		return false
	}
	differ := false
	for i, a := range one.Values {
		b := two.Values[i]
		if row.Equal(a, b) {
			continue
		}
		differ = true
		if !eachDifference(a, b, func(_ path, x, y row.Value) bool { return sameNumber(x, y) }) {
			return false
		}
	}
	return differ
}

// nearly reports whether rows differ only in DOUBLEs, by a few units in the
// last place.
func nearly(one, two *row.Change) bool {
	const ulps = 8
	if one.Timestamp != two.Timestamp || len(one.Values) != len(two.Values) {
		return false
	}
	for i, a := range one.Values {
		b := two.Values[i]
		if row.Equal(a, b) {
			continue
		}
		if a.Kind() != row.Double || b.Kind() != row.Double {
			return false
		}
		x, y := a.Float64(), b.Float64()
		gap := math.Abs(x - y)
		if math.IsNaN(gap) || gap > ulps*(math.Nextafter(math.Abs(x), math.Inf(1))-math.Abs(x)) {
			return false
		}
	}
	return true
}
