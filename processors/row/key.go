package row

import (
	"encoding/binary"
	"math"

	"github.com/zeebo/xxh3"
)

// AppendKey appends the canonical encoding of a key tuple: keys that compare
// Equal have the same bytes, others different ones, whatever their columns
// hold (no separator can be faked, NULL is not "NULL", -0 is 0). State,
// routing and diff's identities all use this one form; it is never stored
// beyond the life of a snapshot.
func AppendKey(dst []byte, key ...Value) []byte {
	for _, v := range key {
		dst = append(dst, byte(v.kind))
		switch v.kind {
		case Null:
		case String, Bytes:
			dst = binary.AppendUvarint(dst, uint64(len(v.s)))
			dst = append(dst, v.s...)
		case Decimal:
			dst = append(dst, v.scale)
			dst = binary.BigEndian.AppendUint64(dst, uint64(v.hi))
			dst = binary.BigEndian.AppendUint64(dst, v.n)
		case Double:
			f := v.Float64()
			switch {
			case f != f:
				f = math.NaN()
			case f == 0:
				f = 0 // drops the sign
			}
			dst = binary.BigEndian.AppendUint64(dst, math.Float64bits(f))
		default:
			dst = binary.BigEndian.AppendUint64(dst, v.n)
		}
	}
	return dst
}

// HashKey returns the routing hash of an encoded key. It has full avalanche:
// every bit of it may be used for a modulus. It is the same in every process.
func HashKey(encoded []byte) uint64 { return xxh3.Hash(encoded) }
