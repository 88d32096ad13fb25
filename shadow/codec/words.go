package codec

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// Tests on eight bytes at a time: see "Bit Twiddling Hacks" (Anderson), and Lemire,
// "Quickly parsing eight digits", for the sum. A test marks the high bit of each matching
// byte up to the first match; the marks of later bytes may be wrong.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// word returns the eight bytes at p.
func word(p unsafe.Pointer) uint64 { return binary.LittleEndian.Uint64((*[8]byte)(p)[:]) }

// byteAt returns the byte n after p.
func byteAt(p unsafe.Pointer, n int) byte { return *(*byte)(unsafe.Add(p, n)) }

// first is the index of the first byte that a test marked, 8 for none.
func first(marks uint64) int { return bits.TrailingZeros64(marks) >> 3 }

// notPlain marks quotes, backslashes and bytes that are not printable ASCII. With two bits
// flipped, a quote is the only byte between the control characters and the others that must
// be marked.
func notPlain(w uint64) uint64 {
	return (((w ^ ones*2) - ones*('"'^2+1)) | ((w ^ ones*'\\') - ones) | w) & highs
}

// digits converts ASCII digits to their values; every other byte becomes more than nine.
func digits(w uint64) uint64 { return w ^ ones*'0' }

// notDigits marks bytes that are not digit values.
func notDigits(d uint64) uint64 { return (d + ones*(0x80-10) | d) & highs }

// notNumeric marks all bytes except digits, point and minus (and slash, which cannot occur
// there).
func notNumeric(w uint64) uint64 {
	return (w + ones*(0x80-'9'-1) | ^(w + ones*(0x80-'-')) | w) & highs
}

// number is the value of the first n of a word of numbers, 1 to 8 of them.
func number(d uint64, n int) uint64 {
	d <<= (64 - 8*uint(n)) & 63
	d = d*10 + d>>8
	const every = 0x000000ff000000ff
	return (d&every*(100+1_000_000<<32) + d>>16&every*(1+10_000<<32)) >> 32
}

var powers = func() (p [17]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// alias returns bytes as a text without copying them. They belong to the record, which its
// batch keeps alive.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
