package form

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Reader reads what the Append functions wrote. After the first error everything that it
// reads is empty: callers look at Err once, or call End. It keeps nothing of the bytes.
type Reader struct {
	src []byte
	at  int
	err error
}

// NewReader returns a reader of bytes, which nothing may write to meanwhile.
func NewReader(src []byte) *Reader { return &Reader{src: src} }

// Err returns the first error.
func (r *Reader) Err() error { return r.err }

// End returns the first error; bytes that were not read are one.
func (r *Reader) End() error {
	if r.err == nil && r.at < len(r.src) {
		r.Fail("%d bytes are left over", len(r.src)-r.at)
	}
	return r.err
}

// Fail notes an error at the current byte, unless there was one before.
func (r *Reader) Fail(format string, args ...any) { r.failAt(r.at, format, args...) }

func (r *Reader) failAt(at int, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("byte %d: %s", at, fmt.Sprintf(format, args...))
	}
	r.src = r.src[:0]
	r.at = 0
}

// left returns how many bytes are left.
func (r *Reader) left() int { return len(r.src) - r.at }

// take returns the next n bytes. It is an error if fewer are left.
func (r *Reader) take(n int, what string) []byte {
	if n > r.left() {
		r.Fail("%s takes %d bytes, but only %d are left", what, n, r.left())
		return nil
	}
	b := r.src[r.at : r.at+n]
	r.at += n
	return b
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if b := r.take(1, "the next byte"); b != nil {
		return b[0]
	}
	return 0
}

// Bool reads one byte, 0 or 1.
func (r *Reader) Bool() bool {
	at := r.at
	switch b := r.Byte(); b {
	case 0:
	case 1:
		return true
	default:
		r.failAt(at, "%d is neither 0 nor 1", b)
	}
	return false
}

// Uint reads an unsigned number.
func (r *Reader) Uint() uint64 {
	n, size := binary.Uvarint(r.src[r.at:])
	switch {
	case size == 0:
		r.Fail("a number is cut off")
	case size < 0:
		r.Fail("a number has more than 64 bits")
	case size > 1 && r.src[r.at+size-1] == 0:
		r.Fail("a number is longer than it has to be")
	default:
		r.at += size
		return n
	}
	return 0
}

// Int reads a signed number.
func (r *Reader) Int() int64 {
	n := r.Uint()
	return int64(n>>1) ^ -int64(n&1)
}

// Number reads an unsigned number of at most 62 bits: the sum of two does not overflow.
func (r *Reader) Number() int64 {
	at := r.at
	n := r.Uint()
	if n > math.MaxInt64/2 {
		r.failAt(at, "%d is too large", n)
		return 0
	}
	return int64(n)
}

// Count reads how many elements follow, each of which takes at least so many bytes.
func (r *Reader) Count(each int) int {
	at := r.at
	n := r.Uint()
	if n > uint64(r.left()/each) {
		r.failAt(at, "%d elements of at least %d bytes each are more than the %d bytes that are left hold", n, each, r.left())
		return 0
	}
	return int(n)
}

// Holds reports whether n elements of at least one byte each can follow. It is an error if they
// cannot.
func (r *Reader) Holds(n int64) bool {
	if r.err == nil && n > int64(r.left()) {
		r.Fail("%d values do not fit the %d bytes that are left", n, r.left())
	}
	return r.err == nil
}

// Text reads a text.
func (r *Reader) Text() string {
	return string(r.take(r.Count(1), "a text"))
}

// Double reads a DOUBLE.
func (r *Reader) Double() float64 {
	b := r.take(8, "a DOUBLE")
	if b == nil {
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(b))
	if f != f && math.Float64bits(f) != math.Float64bits(math.NaN()) {
		r.failAt(r.at-8, "a NaN has the bytes %x", b)
		return 0
	}
	return f
}

// Words reads a signed number into words.
func (r *Reader) Words(words []uint64) {
	at := r.at
	n := int(r.Byte())
	if n > 8*len(words) {
		r.failAt(at, "a number of at most %d bytes has %d", 8*len(words), n)
	}
	b := r.take(n, "a number")
	clear(words)
	if len(b) == 0 {
		return
	}
	sign := uint64(int64(int8(b[n-1])) >> 63)
	for i := range words {
		words[i] = sign
	}
	for i, one := range b {
		words[i/8] = words[i/8]&^(0xff<<(i%8*8)) | uint64(one)<<(i%8*8)
	}
	if lengthOf(words) != n {
		r.failAt(at, "a number takes %d bytes where %d are enough", n, lengthOf(words))
		clear(words)
	}
}

// Next reads what AppendNext wrote.
func (r *Reader) Next(before int64) int64 {
	at := r.at
	n := before + 1 + r.Number()
	if n > math.MaxInt64/2 {
		r.failAt(at, "a list of numbers goes beyond 62 bits")
		return 0
	}
	return n
}
