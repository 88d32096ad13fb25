package numeric

import (
	"math"
	"math/big"
	"math/bits"
)

// Int128 is a signed 128-bit integer in two's complement, Hi above Lo: the
// unscaled value of a DECIMAL of up to 38 digits. The zero value is 0.
type Int128 struct {
	Hi int64
	Lo uint64
}

// Int128Of widens n.
func Int128Of(n int64) Int128 { return Int128{Hi: n >> 63, Lo: uint64(n)} }

// Int64 returns a as an int64, and whether it fits.
func (a Int128) Int64() (int64, bool) { return int64(a.Lo), a.Hi == int64(a.Lo)>>63 }

// Sign returns -1, 0 or 1.
func (a Int128) Sign() int {
	switch {
	case a.Hi < 0:
		return -1
	case a.Hi == 0 && a.Lo == 0:
		return 0
	}
	return 1
}

// Neg returns -a; the smallest Int128 is returned unchanged.
func (a Int128) Neg() Int128 {
	lo, borrow := bits.Sub64(0, a.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(a.Hi), borrow)
	return Int128{Hi: int64(hi), Lo: lo}
}

// Cmp returns -1, 0 or 1 as a is less than, equal to or greater than b.
func (a Int128) Cmp(b Int128) int {
	switch {
	case a == b:
		return 0
	case a.Hi < b.Hi || a.Hi == b.Hi && a.Lo < b.Lo:
		return -1
	}
	return 1
}

// Add returns a+b, and whether it fits.
func (a Int128) Add(b Int128) (Int128, bool) {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(uint64(a.Hi), uint64(b.Hi), carry)
	sum := Int128{Hi: int64(hi), Lo: lo}
	return sum, (a.Hi < 0) != (b.Hi < 0) || (a.Hi < 0) == (sum.Hi < 0)
}

// Sub returns a-b, and whether it fits.
func (a Int128) Sub(b Int128) (Int128, bool) {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi, _ := bits.Sub64(uint64(a.Hi), uint64(b.Hi), borrow)
	diff := Int128{Hi: int64(hi), Lo: lo}
	return diff, (a.Hi < 0) == (b.Hi < 0) || (a.Hi < 0) == (diff.Hi < 0)
}

// Mul returns a*b, and whether it fits.
func (a Int128) Mul(b Int128) (Int128, bool) {
	x, xok := a.Int64()
	y, yok := b.Int64()
	if xok && yok {
		return MulInt64(x, y), true
	}
	return Int128FromBig(new(big.Int).Mul(a.Big(), b.Big()))
}

// MulInt64 returns x*y.
func MulInt64(x, y int64) Int128 {
	hi, lo := bits.Mul64(uint64(x), uint64(y))
	// The unsigned product counts 2^64 too many for each negative factor.
	return Int128{Hi: int64(hi) - x>>63&y - y>>63&x, Lo: lo}
}

// Big returns a as a big.Int.
func (a Int128) Big() *big.Int {
	v := new(big.Int).SetInt64(a.Hi)
	v.Lsh(v, 64)
	return v.Add(v, new(big.Int).SetUint64(a.Lo))
}

// Int128FromBig returns b, and whether it fits.
func Int128FromBig(b *big.Int) (Int128, bool) {
	if b.BitLen() > 127 { // the smallest Int128 is left out: no DECIMAL reaches it
		return Int128{}, false
	}
	var abs big.Int
	abs.Abs(b)
	lo := new(big.Int).And(&abs, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	hi := new(big.Int).Rsh(&abs, 64).Uint64()
	v := Int128{Hi: int64(hi), Lo: lo}
	if b.Sign() < 0 {
		v = v.Neg()
	}
	return v, true
}

// Float64 returns the nearest float64.
func (a Int128) Float64() float64 {
	if n, ok := a.Int64(); ok {
		return float64(n)
	}
	f, _ := new(big.Float).SetInt(a.Big()).Float64()
	return f
}

// abs returns |a| as an unsigned pair.
func (a Int128) abs() (hi, lo uint64) {
	if a.Hi < 0 {
		a = a.Neg()
	}
	return uint64(a.Hi), a.Lo
}

// pow10 holds 10^0 to 10^38.
var pow10 = func() (p [MaxPrecision + 1]Int128) {
	p[0] = Int128Of(1)
	for i := 1; i < len(p); i++ {
		p[i], _ = p[i-1].Mul(Int128Of(10))
	}
	return p
}()

// Pow10 returns 10^n for 0 ≤ n ≤ 38.
func Pow10(n int) Int128 { return pow10[n] }

// Fits reports whether |a| has at most the given number of decimal digits, 1 to 38.
func (a Int128) Fits(digits int) bool {
	hi, lo := a.abs()
	most := &pow10[digits]
	return hi < uint64(most.Hi) || hi == uint64(most.Hi) && lo < most.Lo
}

// Digits returns how many decimal digits |a| has; 0 has one.
func (a Int128) Digits() int {
	if a.Hi < 0 {
		a = a.Neg()
	}
	n := 1
	for n <= MaxPrecision && a.Cmp(pow10[n]) >= 0 {
		n++
	}
	return n
}

// AppendDecimal appends the unscaled value a as a decimal number with exactly
// scale digits after the point.
func (a Int128) AppendDecimal(dst []byte, scale int) []byte {
	hi, lo := a.abs()
	if hi == 0 {
		if a.Hi < 0 {
			dst = append(dst, '-')
		}
		if scale == 0 {
			return AppendUint(dst, lo)
		}
		return AppendScaled(dst, lo, scale)
	}
	var buf [48]byte
	i := len(buf)
	for hi != 0 || lo != 0 {
		var rem uint64
		hi, rem = hi/1e18, hi%1e18
		lo, rem = bits.Div64(rem, lo, 1e18)
		stop := i - 18
		for rem != 0 || (i > stop && (hi != 0 || lo != 0)) {
			i--
			buf[i] = byte('0' + rem%10)
			rem /= 10
		}
	}
	for len(buf)-i <= scale {
		i--
		buf[i] = '0'
	}
	if a.Hi < 0 {
		dst = append(dst, '-')
	}
	point := len(buf) - scale
	dst = append(dst, buf[i:point]...)
	if scale > 0 {
		dst = append(dst, '.')
		dst = append(dst, buf[point:]...)
	}
	return dst
}
