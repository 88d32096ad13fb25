package row

import (
	"encoding/binary"
	"math"

	"github.com/zeebo/xxh3"
)

// AppendKey appends the canonical encoding of a key tuple: keys that compare Equal have the
// same bytes, other keys have different ones. No content of a column can imitate a
// separator, NULL differs from "NULL", and -0 is 0. State, routing and diff's identities
// use this form; it is never stored longer than a snapshot.
func AppendKey(dst []byte, key ...Value) []byte {
	for _, v := range key {
		dst = append(dst, byte(v.Kind()))
		switch v.Kind() {
		case Null:
		case String, Bytes:
			dst = binary.AppendUvarint(dst, v.n)
			dst = append(dst, v.Str()...)
		case Array, Map, Struct:
			dst = appendNestedKey(dst, v)
		case Decimal:
			dst = append(dst, v.scale())
			dst = binary.BigEndian.AppendUint64(dst, uint64(v.high()))
			dst = binary.BigEndian.AppendUint64(dst, v.n)
		case Double:
			dst = binary.BigEndian.AppendUint64(dst, canonicalBits(v.Float64()))
		default:
			dst = binary.BigEndian.AppendUint64(dst, v.n)
		}
	}
	return dst
}

// HashKey returns a hash of an encoded key: the same in every process, and each
// bit of it good enough for a modulus.
func HashKey(encoded []byte) uint64 { return xxh3.Hash(encoded) }

// canonicalBits are the bits of a DOUBLE, the same for those that compare equal:
// all NaNs, 0 and -0.
func canonicalBits(f float64) uint64 {
	switch {
	case f != f:
		return math.Float64bits(math.NaN())
	case f == 0:
		return 0
	}
	return math.Float64bits(f)
}

// AsKey returns the value in its form for keys: -0 becomes 0, because keys that compare
// equal are one key and its form must not depend on which came first.
func (v Value) AsKey() Value {
	if v.Kind() == Double && v.n == 1<<63 {
		return NewDouble(0)
	}
	if v.Kind().IsNested() {
		n := v.nested()
		return newNested(v.Kind(), &nested{values: AsKeys(n.values), names: n.names})
	}
	return v
}

// AsKeys returns a tuple in its form for keys.
func AsKeys(values []Value) []Value {
	if values == nil {
		return nil
	}
	own := make([]Value, len(values))
	for i, v := range values {
		own[i] = v.AsKey()
	}
	return own
}
