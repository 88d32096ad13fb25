package numeric

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Numbers are written eight digits at a time from one word with the first digit in its
// lowest byte. The whole word is stored even if fewer digits are needed; the next write
// overwrites the rest.

const (
	eight   = 100_000_000
	noughts = 0x3030303030303030 // eight times '0'
	// room is the required capacity after a number: its digits, sign and point, and the
	// rest of the last word.
	room = 40
)

// eightDigits returns the digits of n < 10^8 as bytes of 0 to 9. It splits the word's parts
// in half three times: one number below 10^8, two below 10^4, four below 100, eight below
// 10. One multiplication and one shift divide all parts at once.
func eightDigits(n uint64) uint64 {
	high := n / 10_000
	v := high | (n-high*10_000)<<32
	high = v * 10_486 >> 20 & 0x7f_0000_007f
	v = high | (v-high*100)<<16
	high = v * 103 >> 10 & 0xf_000f_000f_000f
	return high | (v-high*10)<<8
}

// AppendInt appends a number's digits.
func AppendInt(dst []byte, n int64) []byte {
	at := len(dst)
	if uint64(n) < eight && cap(dst)-at >= room { // the usual case
		return dst[:at+putFew(dst[at:at+room], uint64(n))]
	}
	if n < 0 {
		return AppendUint(append(dst, '-'), -uint64(n))
	}
	return AppendUint(dst, uint64(n))
}

// AppendUint appends a number's digits.
func AppendUint(dst []byte, n uint64) []byte {
	if cap(dst)-len(dst) < room {
		dst = slices.Grow(dst, room)
	}
	at := len(dst)
	p := dst[at : at+room]
	return dst[:at+putUint(p, n)]
}

// putUint writes the digits of n at the start of p, and returns how many.
func putUint(p []byte, n uint64) int {
	if n < eight {
		return putFew(p, n)
	}
	high := n / eight
	low := n - high*eight
	var at int
	if high < eight {
		at = putFew(p, high)
	} else {
		top := high / eight
		at = putFew(p, top)
		binary.LittleEndian.PutUint64(p[at:], eightDigits(high-top*eight)|noughts)
		at += 8
	}
	binary.LittleEndian.PutUint64(p[at:], eightDigits(low)|noughts)
	return at + 8
}

// putFew is putUint for n < 10^8.
func putFew(p []byte, n uint64) int {
	digits := eightDigits(n)
	leading := bits.TrailingZeros64(digits|1<<56) &^ 7 // bits of leading noughts; the last digit stays
	binary.LittleEndian.PutUint64(p, (digits|noughts)>>leading)
	return 8 - leading>>3
}

// AppendScaled appends n·10^-scale with just as many digits after the point; the
// scale is above zero.
func AppendScaled(dst []byte, n uint64, scale int) []byte {
	if scale > 7 {
		return appendFine(dst, n, scale)
	}
	if cap(dst)-len(dst) < room {
		dst = slices.Grow(dst, room)
	}
	start := len(dst)
	p := dst[start : start+room]
	high := n / eight
	digits := eightDigits(n - high*eight)
	text := digits | noughts
	at := 8 - scale // how many of the eight digits are before the point
	if high == 0 {
		leading := min(bits.TrailingZeros64(digits)>>3, at-1)
		binary.LittleEndian.PutUint64(p, text>>(leading*8&63))
		at -= leading
	} else {
		before := putUint(p, high)
		binary.LittleEndian.PutUint64(p[before:], text)
		at += before
	}
	p[at] = '.'
	binary.LittleEndian.PutUint64(p[at+1:], text>>((8-scale)*8&63))
	return dst[:start+at+1+scale]
}

// appendFine is AppendScaled for more digits after the point than fit a word.
func appendFine(dst []byte, n uint64, scale int) []byte {
	var buf [room]byte
	digits := buf[:putUint(buf[:], n)]
	whole := len(digits) - scale
	if whole > 0 {
		dst = append(dst, digits[:whole]...)
		digits = digits[whole:]
	} else {
		dst = append(dst, '0')
	}
	dst = append(dst, '.')
	for ; whole < 0; whole++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}
