package row

import (
	"cmp"
	"math"
	"strings"
	"unsafe"

	"parallax/processors/numeric"
)

// Value is one typed value. The zero Value is NULL. It is small, passed by value and
// immutable. Its text may share the memory of the record that it was decoded from: Clone it
// to keep it longer than the batch.
type Value struct {
	_ [0]func() // Values are not compared with ==, which would compare addresses
	// meta has the kind in its lowest byte. For a DECIMAL the next byte is the scale, and
	// the rest are the lower 48 bits of the high word.
	meta uint64
	// n holds a BOOLEAN (0, 1), INT, BIGINT, TIMESTAMP and TIME (ms), DATE (days), the bits
	// of a DOUBLE, the low word of a DECIMAL, or the length of a text.
	n uint64
	// text points to the bytes of a STRING or BYTES, to the nested of an ARRAY, MAP or
	// STRUCT, or to the high word of a DECIMAL if that has more than 48 bits.
	text *byte
}

// fromBits returns a value of a kind whose content is n.
func fromBits(k Kind, n uint64) Value { return Value{meta: uint64(k), n: n} }

// NewBoolean returns a BOOLEAN.
func NewBoolean(b bool) Value { return fromBits(Boolean, uint64(boolInt(b))) }

// NewInt returns an INT; n must fit 32 bits.
func NewInt(n int64) Value { return fromBits(Int, uint64(n)) }

// NewBigint returns a BIGINT.
func NewBigint(n int64) Value { return fromBits(Bigint, uint64(n)) }

// NewDouble returns a DOUBLE.
func NewDouble(f float64) Value { return fromBits(Double, math.Float64bits(f)) }

// NewDecimal returns the DECIMAL unscaled·10^-scale.
func NewDecimal(unscaled numeric.Int128, scale int) Value {
	if high := unscaled.Hi << highAt; high>>highAt == unscaled.Hi {
		return Value{meta: uint64(Decimal) | uint64(scale)<<scaleAt | uint64(high), n: unscaled.Lo}
	}
	return wideDecimal(unscaled, scale)
}

// The bit positions of the parts of Value.meta.
const (
	scaleAt = 8
	highAt  = 16
)

// wideDecimal returns a DECIMAL of more than 33 digits, whose high word does not fit into
// meta.
func wideDecimal(unscaled numeric.Int128, scale int) Value {
	high := unscaled.Hi
	return Value{
		meta: uint64(Decimal) | uint64(scale)<<scaleAt | uint64(high)<<highAt, n: unscaled.Lo,
		text: (*byte)(unsafe.Pointer(&high)),
	}
}

// high is the high word of a DECIMAL.
func (v *Value) high() int64 {
	if v.text != nil {
		return *(*int64)(unsafe.Pointer(v.text))
	}
	return int64(v.meta) >> highAt
}

// scale is the scale of a DECIMAL.
func (v *Value) scale() uint8 { return uint8(v.meta >> scaleAt) }

// NewString returns a STRING.
func NewString(s string) Value { return newText(String, s) }

// NewBytes returns BYTES, copied.
func NewBytes(b []byte) Value { return newText(Bytes, string(b)) }

// NewText returns a STRING or BYTES, depending on the kind, with the bytes of s.
func NewText(k Kind, s string) Value { return newText(k, s) }

func newText(k Kind, s string) Value {
	return Value{meta: uint64(k), n: uint64(len(s)), text: unsafe.StringData(s)}
}

// NewTimestamp returns a TIMESTAMP of milliseconds since the epoch.
func NewTimestamp(ms int64) Value { return fromBits(Timestamp, uint64(ms)) }

// NewIntegral returns a value of a kind whose content is one int64: BOOLEAN (0, 1), INT,
// BIGINT, TIMESTAMP, TIME, DATE.
func NewIntegral(k Kind, n int64) Value { return fromBits(k, uint64(n)) }

// Kind returns the value's kind; Null for NULL.
func (v Value) Kind() Kind { return Kind(v.meta) }

// IsNull reports whether the value is NULL.
func (v Value) IsNull() bool { return v.Kind() == Null }

// Bool returns a BOOLEAN; false for anything else.
func (v Value) Bool() bool { return v.Kind() == Boolean && v.n != 0 }

// Int64 returns an INT, BIGINT, TIMESTAMP, TIME, DATE or BOOLEAN as a number.
func (v Value) Int64() int64 { return int64(v.n) }

// Float64 returns a DOUBLE.
func (v Value) Float64() float64 { return math.Float64frombits(v.n) }

// Decimal returns a DECIMAL's unscaled value and scale.
func (v Value) Decimal() (unscaled numeric.Int128, scale int) {
	return numeric.Int128{Hi: v.high(), Lo: v.n}, int(v.scale())
}

// Str returns a STRING, or BYTES as a string of bytes.
func (v Value) Str() string {
	if v.Kind() != String && v.Kind() != Bytes {
		return ""
	}
	return unsafe.String(v.text, int(v.n))
}

// Clone returns the same value with a copy of its text.
func (v Value) Clone() Value {
	if v.Kind() == String || v.Kind() == Bytes {
		return newText(v.Kind(), strings.Clone(v.Str()))
	}
	if v.Kind().IsNested() {
		return v.cloneNested()
	}
	return v
}

// CloneAll returns a copy of a tuple that shares no memory with it.
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

// Equal reports whether a and b are the same value of the same kind: NULL equals NULL, NaN
// equals NaN, -0 equals 0, and DECIMALs of different scales differ (1.0 is not 1.00). Keys
// and diff use this equality; the = of SQL is different.
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

// Compare orders values of one type: NULL first, false before true, numbers by value with
// NaN last, strings and bytes bytewise. Values of different kinds, which only a faulty
// processor produces, are ordered by kind.
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
		return x.Big().Mul(x.Big(), numeric.BigPow10(sy)).Cmp(y.Big().Mul(y.Big(), numeric.BigPow10(sx)))
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
		if !v.hasSameWords(w) {
			if v.Kind() != Double || !Equal(*v, *w) {
				return false
			}
		} else if v.text != w.text && !v.hasSameContents(w) {
			return false
		}
	}
	return true
}

// hasSameWords reports whether two values are equal except for the contents of their texts
// or elements. It is false for some equal values: NaNs and zeros with different bits.
func (v *Value) hasSameWords(w *Value) bool {
	return (v.n^w.n)|(v.meta^w.meta) == 0
}

// equal is Equal without copying the values.
func (v *Value) equal(w *Value) bool {
	if !v.hasSameWords(w) {
		return v.Kind() == Double && Equal(*v, *w)
	}
	return v.text == w.text || v.hasSameContents(w)
}

// hasSameContents reports whether two values for which hasSameWords is true have equal
// texts or elements.
func (v *Value) hasSameContents(w *Value) bool {
	switch kind := v.Kind(); {
	case kind.IsNested():
		return equalNested(*v, *w)
	case kind == Decimal:
		return v.high() == w.high()
	}
	return sameText(v.text, w.text, int(v.n))
}

// sameText compares n bytes. Up to sixteen bytes are compared inline, as words that may
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

// word reads a word at an offset of a text that is long enough.
func word[T uint64 | uint32 | byte](p *byte, at int) T {
	return *(*T)(unsafe.Add(unsafe.Pointer(p), at))
}

// String formats the value for messages and test failures. The format is not stable.
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
