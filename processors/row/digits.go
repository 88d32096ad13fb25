package row

import "math/bits"

// pairs are the two digits of 0 to 99, the first in the low byte.
var pairs = func() (p [100]uint16) {
	for i := range p {
		p[i] = '0' + uint16(i/10) + ('0'+uint16(i%10))<<8
	}
	return p
}()

// pow10Small holds 10^0 to 10^19.
var pow10Small = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// AppendInt appends a number's digits.
func AppendInt(dst []byte, n int64) []byte {
	if n < 0 {
		return AppendUint(append(dst, '-'), -uint64(n))
	}
	return AppendUint(dst, uint64(n))
}

// AppendUint appends a number's digits.
func AppendUint(dst []byte, n uint64) []byte {
	at := len(dst)
	dst = extend(dst, digitsOf(n))
	putDigits(dst[at:], n)
	return dst
}

// appendScaled appends n·10^-scale with just as many digits after the point; the
// scale is above zero.
func appendScaled(dst []byte, n uint64, scale int) []byte {
	at := len(dst)
	dst = extend(dst, max(digitsOf(n), scale+1)+1)
	p := dst[at:]
	i := len(p)
	for ; scale >= 2; scale -= 2 {
		q := n / 100
		i -= 2
		putPair(p[i:], n-q*100)
		n = q
	}
	if scale == 1 {
		q := n / 10
		i--
		p[i] = '0' + byte(n-q*10)
		n = q
	}
	p[i-1] = '.'
	putDigits(p[:i-1], n)
	return dst
}

// putDigits writes n into p, which is as long as n has digits.
func putDigits(p []byte, n uint64) {
	i := len(p)
	for n >= 100 {
		q := n / 100
		i -= 2
		putPair(p[i:], n-q*100)
		n = q
	}
	if n >= 10 {
		putPair(p[i-2:], n)
		return
	}
	p[i-1] = '0' + byte(n)
}

func putPair(p []byte, n uint64) {
	pair := pairs[n]
	_ = p[1]
	p[0], p[1] = byte(pair), byte(pair>>8)
}

// digitsOf counts the digits of n: by its bits, which is one too few or right
// (Warren, Hacker's Delight, 11-4).
func digitsOf(n uint64) int {
	d := bits.Len64(n|1) * 1233 >> 12
	if n >= pow10Small[d] || d == 0 {
		d++
	}
	return d
}

// extend makes dst n bytes longer; what they are is the caller's to say.
func extend(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst[:len(dst)+n]
	}
	return append(dst, make([]byte, n)...)
}
