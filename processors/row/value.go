package row

import (
	"cmp"
	"math"
	"strings"
	"unsafe"
)

// Value is one typed value. The zero Value is NULL. It is small, is passed by
// value and is immutable. A text may lie in the bytes of the record that it came
// from: who keeps it beyond its batch clones it.
type Value struct {
	_ [0]func() // Values are not compared with ==, which would compare addresses
	// what has the kind in its lowest byte, and of a DECIMAL the scale in the next and
	// above that the lower 48 bits of its high word.
	what uint64
	// n holds BOOLEAN (0, 1), INT, BIGINT, TIMESTAMP and TIME (ms), DATE (days),
	// the bits of a DOUBLE, the low word of a DECIMAL, the length of a text.
	n uint64
	// text is where STRING, and BYTES as they are, begin; of ARRAY, MAP and STRUCT
	// it is their nested, and of a DECIMAL whose high word has more than 48 bits
	// that word.
	text *byte
}

// of is a value of a kind that n holds.
func of(k Kind, n uint64) Value { return Value{what: uint64(k), n: n} }

// NewBoolean returns a BOOLEAN.
func NewBoolean(b bool) Value { return of(Boolean, uint64(boolInt(b))) }

// NewInt returns an INT; n must fit 32 bits.
func NewInt(n int64) Value { return of(Int, uint64(n)) }

// NewBigint returns a BIGINT.
func NewBigint(n int64) Value { return of(Bigint, uint64(n)) }

// NewDouble returns a DOUBLE.
func NewDouble(f float64) Value { return of(Double, math.Float64bits(f)) }

// NewDecimal returns the DECIMAL unscaled·10^-scale.
func NewDecimal(unscaled Int128, scale int) Value {
	if high := unscaled.Hi << highAt; high>>highAt == unscaled.Hi {
		return Value{what: uint64(Decimal) | uint64(scale)<<scaleAt | uint64(high), n: unscaled.Lo}
	}
	return wideDecimal(unscaled, scale)
}

// Where the parts of Value.what are.
const (
	scaleAt = 8
	highAt  = 16
)

// wideDecimal keeps a high word that is too large for its place: that of a number of
// more than 33 digits.
func wideDecimal(unscaled Int128, scale int) Value {
	high := unscaled.Hi
	return Value{
		what: uint64(Decimal) | uint64(scale)<<scaleAt | uint64(high)<<highAt, n: unscaled.Lo,
		text: (*byte)(unsafe.Pointer(&high)),
	}
}

// high is a DECIMAL's high word.
func (v *Value) high() int64 {
	if v.text != nil {
		return *(*int64)(unsafe.Pointer(v.text))
	}
	return int64(v.what) >> highAt
}

// scale is a DECIMAL's.
func (v *Value) scale() uint8 { return uint8(v.what >> scaleAt) }

// NewString returns a STRING.
func NewString(s string) Value { return newText(String, s) }

// NewBytes returns BYTES, copied.
func NewBytes(b []byte) Value { return newText(Bytes, string(b)) }

// NewText returns a STRING or, by its kind, BYTES that a string holds.
func NewText(k Kind, s string) Value { return newText(k, s) }

func newText(k Kind, s string) Value {
	return Value{what: uint64(k), n: uint64(len(s)), text: unsafe.StringData(s)}
}

// NewTimestamp returns a TIMESTAMP of milliseconds since the epoch.
func NewTimestamp(ms int64) Value { return of(Timestamp, uint64(ms)) }

// NewIntegral returns a value of any kind that one int64 holds: BOOLEAN (0, 1),
// INT, BIGINT, TIMESTAMP, TIME, DATE.
func NewIntegral(k Kind, n int64) Value { return of(k, uint64(n)) }

// Kind returns the value's kind; Null for NULL.
func (v Value) Kind() Kind { return Kind(v.what) }

// IsNull reports whether the value is NULL.
func (v Value) IsNull() bool { return v.Kind() == Null }

// Bool returns a BOOLEAN; false for anything else.
func (v Value) Bool() bool { return v.Kind() == Boolean && v.n != 0 }

// Int64 returns an INT, BIGINT, TIMESTAMP, TIME, DATE or BOOLEAN as a number.
func (v Value) Int64() int64 { return int64(v.n) }

// Float64 returns a DOUBLE.
func (v Value) Float64() float64 { return math.Float64frombits(v.n) }

// Decimal returns a DECIMAL's unscaled value and scale.
func (v Value) Decimal() (unscaled Int128, scale int) {
	return Int128{Hi: v.high(), Lo: v.n}, int(v.scale())
}

// Str returns a STRING, or BYTES as a string of bytes.
func (v Value) Str() string {
	if v.Kind() != String && v.Kind() != Bytes {
		return ""
	}
	return unsafe.String(v.text, int(v.n))
}

// Clone returns the same value with a text of its own.
func (v Value) Clone() Value {
	if v.Kind() == String || v.Kind() == Bytes {
		return newText(v.Kind(), strings.Clone(v.Str()))
	}
	if v.Kind().IsNested() {
		return v.cloneNested()
	}
	return v
}

// CloneAll returns a copy of a tuple whose texts are its own.
func CloneAll(values []Value) []Value {
	if values == nil {
		return nil
	}
	own := make([]Value, len(values))
	for i, v := range values {
		own[i] = v.Clone()
	}
	return own
}

// Equal reports whether a and b are the same value of the same kind: NULL
// equals NULL, NaN equals NaN, -0 equals 0, DECIMALs of different scale are
// different (1.0 is not 1.00). It is the equality of keys and of diff, not that
// of SQL's =.
func Equal(a, b Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case Double:
		x, y := a.Float64(), b.Float64()
		return x == y || x != x && y != y
	case String, Bytes:
		return a.Str() == b.Str()
	case Array, Map, Struct:
		return equalNested(a, b)
	default:
		return a.equal(&b)
	}
}

// Compare orders values of one type: NULL first, false before true, numbers by
// size with NaN last, strings and bytes byte by byte. Values of different kinds
// order by kind, which only a broken processor shows.
func Compare(a, b Value) int {
	if a.Kind() != b.Kind() {
		return cmp.Compare(a.Kind(), b.Kind())
	}
	switch a.Kind() {
	case Double:
		x, y := a.Float64(), b.Float64()
		switch {
		case x != x || y != y:
			return cmp.Compare(boolInt(x != x), boolInt(y != y))
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	case Decimal:
		x, sx := a.Decimal()
		y, sy := b.Decimal()
		if sx == sy {
			return x.Cmp(y)
		}
		return x.Big().Mul(x.Big(), bigPow10(sy)).Cmp(y.Big().Mul(y.Big(), bigPow10(sx)))
	case String, Bytes:
		return strings.Compare(a.Str(), b.Str())
	case Array, Map, Struct:
		return compareNested(a, b)
	default:
		return cmp.Compare(int64(a.n), int64(b.n))
	}
}

// CompareKeys orders key tuples column by column.
func CompareKeys(a, b []Value) int {
	for i := range min(len(a), len(b)) {
		if c := Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// EqualValues reports whether two tuples are Equal value by value.
func EqualValues(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	b = b[:len(a)]
	for i := range a {
		v, w := &a[i], &b[i]
		if !v.alike(w) {
			if v.Kind() != Double || !Equal(*v, *w) {
				return false
			}
		} else if v.text != w.text && !v.sameBehind(w) {
			return false
		}
	}
	return true
}

// alike reports whether two values are the same words, but for where a text lies.
// Equal values are, but for NaNs and zeros.
func (v *Value) alike(w *Value) bool {
	return (v.n^w.n)|(v.what^w.what) == 0
}

// equal is Equal where the values lie.
func (v *Value) equal(w *Value) bool {
	if !v.alike(w) {
		return v.Kind() == Double && Equal(*v, *w)
	}
	return v.text == w.text || v.sameBehind(w)
}

// sameBehind reports whether two values that are alike have the same text, or
// hold the same.
func (v *Value) sameBehind(w *Value) bool {
	switch kind := v.Kind(); {
	case kind.IsNested():
		return equalNested(*v, *w)
	case kind == Decimal:
		return v.high() == w.high()
	}
	return sameText(v.text, w.text, int(v.n))
}

// sameText compares n bytes; sixteen and less without a call, by words that may
// overlap.
func sameText(p, q *byte, n int) bool {
	switch {
	case n > 16:
		return unsafe.String(p, n) == unsafe.String(q, n)
	case n >= 8:
		return word[uint64](p, 0) == word[uint64](q, 0) && word[uint64](p, n-8) == word[uint64](q, n-8)
	case n >= 4:
		return word[uint32](p, 0) == word[uint32](q, 0) && word[uint32](p, n-4) == word[uint32](q, n-4)
	}
	for i := range n {
		if word[byte](p, i) != word[byte](q, i) {
			return false
		}
	}
	return true
}

// word reads what lies at a byte of a text, which must have it.
func word[T uint64 | uint32 | byte](p *byte, at int) T {
	return *(*T)(unsafe.Add(unsafe.Pointer(p), at))
}

// String shows the value for people and for test failures; it is no format.
func (v Value) String() string {
	switch v.Kind() {
	case Null:
		return "NULL"
	case String:
		return v.Str()
	default:
		return string(AppendJSON(nil, v))
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
