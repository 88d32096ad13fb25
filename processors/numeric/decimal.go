package numeric

import (
	"math/big"
	"math/bits"
)

// DecimalRescale changes the scale of an unscaled value, rounding half away
// from zero where digits fall away. ok is false where the result has more than
// 38 digits.
func DecimalRescale(a Int128, from, to int) (v Int128, ok bool) {
	switch {
	case from == to:
		return a, true
	case to > from:
		if to-from > MaxPrecision {
			return Int128{}, a.Sign() == 0
		}
		v, ok = a.Mul(pow10[to-from])
		return v, ok && v.Fits(MaxPrecision)
	case from-to > MaxPrecision:
		return Int128{}, true
	}
	return DecimalQuo(a, pow10[from-to])
}

// DecimalQuo returns a/b as an integer, rounded half away from zero. ok is
// false where b is 0 or the result has more than 38 digits.
func DecimalQuo(a, b Int128) (v Int128, ok bool) {
	if b.Sign() == 0 {
		return Int128{}, false
	}
	if y, ok := b.Int64(); ok {
		v = quoSmall(a, y)
		return v, v.Fits(MaxPrecision)
	}
	return quoBig(a.Big(), b.Big())
}

// DecimalDiv divides DECIMALs: unscaled a of scale sa by unscaled b of scale
// sb, to a result of the given scale, rounded half away from zero. ok is false
// on division by zero and where the result has more than 38 digits.
func DecimalDiv(a Int128, sa int, b Int128, sb, scale int) (v Int128, ok bool) {
	if b.Sign() == 0 {
		return Int128{}, false
	}
	if shift := scale + sb - sa; shift >= 0 && shift <= MaxPrecision {
		if y, ok := b.Int64(); ok {
			if num, ok := a.Mul(pow10[shift]); ok {
				v = quoSmall(num, y)
				return v, v.Fits(MaxPrecision)
			}
		}
	}
	num, den := a.Big(), b.Big()
	// a/10^sa / (b/10^sb) = v/10^scale
	if shift := scale + sb - sa; shift >= 0 {
		num.Mul(num, BigPow10(shift))
	} else {
		den.Mul(den, BigPow10(-shift))
	}
	return quoBig(num, den)
}

func BigPow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// quoBig returns a/b rounded half away from zero.
func quoBig(a, b *big.Int) (Int128, bool) {
	q, r := new(big.Int).QuoRem(a, b, new(big.Int))
	if r.Lsh(r.Abs(r), 1).CmpAbs(b) >= 0 {
		q.Add(q, big.NewInt(int64(a.Sign()*b.Sign())))
	}
	v, ok := Int128FromBig(q)
	return v, ok && v.Fits(MaxPrecision)
}

// quoSmall returns a/b rounded half away from zero, for a b that is not 0.
func quoSmall(a Int128, b int64) Int128 {
	hi, lo := a.abs()
	den := magnitude(b)
	high, rem := hi/den, hi%den
	low, rem := bits.Div64(rem, lo, den)
	if rem != 0 && rem >= den-rem {
		var carry uint64
		low, carry = bits.Add64(low, 1, 0)
		high += carry
	}
	v := Int128{Hi: int64(high), Lo: low}
	if (a.Hi < 0) != (b < 0) {
		v = v.Neg()
	}
	return v
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// ParseDecimal reads a number as text ("-12.50", "+.5", "1e3") exactly: its unscaled value
// and its scale, which is never negative. ok is false if the text is not a number or needs
// more than 38 digits.
func ParseDecimal[T string | []byte](text T) (v Int128, scale int, ok bool) {
	i, n := 0, len(text)
	neg := false
	if i < n && (text[i] == '-' || text[i] == '+') {
		neg = text[i] == '-'
		i++
	}
	digits, point, used := 0, -1, 0
	var small uint64
	wide := Int128{}
	for ; i < n; i++ {
		c := text[i]
		if c == '.' {
			if point >= 0 {
				return Int128{}, 0, false
			}
			point = used
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		used++
		if digits == 0 && c == '0' {
			continue // leading zeros do not count as digits
		}
		digits++
		switch {
		case digits <= 18:
			small = small*10 + uint64(c-'0')
		case digits <= MaxPrecision:
			if digits == 19 {
				wide = Int128{Lo: small}
			}
			wide, _ = wide.Mul(Int128Of(10))
			wide, _ = wide.Add(Int128Of(int64(c - '0')))
		default:
			if c != '0' {
				return Int128{}, 0, false
			}
			// A zero past the 38th digit is taken back below, by the scale.
		}
	}
	if used == 0 || point == used && used == 0 {
		return Int128{}, 0, false
	}
	if point >= 0 {
		scale = used - point
	}
	if digits <= 18 {
		v = Int128{Lo: small}
	} else {
		v = wide
		if over := digits - MaxPrecision; over > 0 {
			scale -= over
		}
	}
	if i < n {
		exp, eok := parseExponent(text[i:])
		if !eok {
			return Int128{}, 0, false
		}
		scale -= exp
	}
	if v.Sign() == 0 && scale < 0 {
		scale = 0
	}
	if scale < 0 {
		if -scale > MaxPrecision {
			return Int128{}, 0, false
		}
		if v, ok = v.Mul(pow10[-scale]); !ok || v.Digits() > MaxPrecision {
			return Int128{}, 0, false
		}
		scale = 0
	}
	if neg {
		v = v.Neg()
	}
	return v, scale, true
}

// parseExponent reads "e+3", "E-2".
func parseExponent[T string | []byte](text T) (exp int, ok bool) {
	if len(text) < 2 || text[0] != 'e' && text[0] != 'E' {
		return 0, false
	}
	i, neg := 1, false
	if text[i] == '+' || text[i] == '-' {
		neg = text[i] == '-'
		i++
	}
	if i == len(text) {
		return 0, false
	}
	for ; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		if exp < 1<<40 { // beyond any DECIMAL, however many zeros; more digits change nothing
			exp = exp*10 + int(text[i]-'0')
		}
	}
	if neg {
		exp = -exp
	}
	return exp, true
}

// DecimalFits converts a number with any scale to DECIMAL(precision, scale) exactly:
// dropped digits must be zeros. ok is false if the number does not fit.
func DecimalFits(v Int128, from, precision, scale int) (Int128, bool) {
	if from > scale {
		if from-scale > MaxPrecision {
			return Int128{}, v.Sign() == 0
		}
		q, _ := DecimalQuo(v, pow10[from-scale])
		back, ok := q.Mul(pow10[from-scale])
		if !ok || back != v {
			return Int128{}, false
		}
		v = q
	} else {
		var ok bool
		if v, ok = DecimalRescale(v, from, scale); !ok {
			return Int128{}, false
		}
	}
	return v, v.Fits(precision)
}
