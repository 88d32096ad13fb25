package numeric

import (
	"math"
	"strconv"
	"strings"
)

// A number as text is a sign, digits with optional leading zeros, a point with a digit
// before or after it, and an exponent; sign, point and exponent are optional. JSON texts,
// fields of DELIMITED, CAST and ParseDecimal follow this rule.

// ParseWhole reads a whole number, also one with a point or an exponent (1.0, 1e3). ok is
// false for any other text, and if the number does not fit a BIGINT.
func ParseWhole[T string | []byte](text T) (_ int64, ok bool) {
	if len(text) == 0 {
		return 0, false
	}
	i, n := 0, int64(0)
	neg := text[0] == '-'
	if neg {
		i++
	}
	if len(text) > i && len(text)-i <= 18 {
		for ; i < len(text) && text[i] >= '0' && text[i] <= '9'; i++ {
			n = n*10 + int64(text[i]-'0')
		}
		if i == len(text) {
			if neg {
				n = -n
			}
			return n, true
		}
	}
	v, scale, ok := ParseDecimal(text)
	if !ok {
		return 0, false
	}
	if v, ok = DecimalFits(v, scale, MaxPrecision, 0); !ok {
		return 0, false
	}
	return v.Int64()
}

// ParseDouble reads a DOUBLE: a number within its range, or NaN or an infinity by name.
func ParseDouble(text string) (_ float64, ok bool) {
	switch text {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	for i := range len(text) {
		if strings.IndexByte("0123456789+-.eE", text[i]) < 0 {
			return 0, false // ParseFloat accepts more: hex, underscores, inf
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// ParseRounded reads a number of any length and rounds it to the given number of digits
// after the point, half away from zero. ok is false if the text is not a number, or the
// result has more than 38 digits.
func ParseRounded(text string, scale int) (v Int128, ok bool) {
	unsigned := strings.TrimLeft(text, "+-")
	if len(text)-len(unsigned) > 1 {
		return Int128{}, false
	}
	mantissa, exponent := unsigned, 0
	if i := strings.IndexAny(unsigned, "eE"); i >= 0 {
		mantissa = unsigned[:i]
		if exponent, ok = parseExponent(unsigned[i:]); !ok {
			return Int128{}, false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	if digits == "" || !isDigits(digits) {
		return Int128{}, false
	}
	// The number is 0.digits · 10^point; the first point+scale digits are the unrounded
	// result.
	point := len(whole) + exponent
	zeros := len(digits) - len(strings.TrimLeft(digits, "0"))
	digits, point = digits[zeros:], point-zeros
	kept := point + scale
	switch {
	case digits == "" || kept < 0:
		return Int128{}, true
	case kept > MaxPrecision:
		return Int128{}, false
	}
	for i := range kept {
		v, _ = v.Mul(Int128Of(10))
		if i < len(digits) {
			v, _ = v.Add(Int128Of(int64(digits[i] - '0')))
		}
	}
	if kept < len(digits) && digits[kept] >= '5' {
		v, _ = v.Add(Int128Of(1))
	}
	if text[0] == '-' {
		v = v.Neg()
	}
	return v, v.Fits(MaxPrecision)
}

func isDigits(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }) < 0
}
