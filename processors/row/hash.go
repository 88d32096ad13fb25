package row

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/zeebo/xxh3"
)

// Hash returns the hash of a tuple: keys that compare Equal have the same hash, in every
// process. It hashes the values without encoding them. V2 routes by the hash and state is
// looked up by it, so all of its bits must be good: each word goes through a folded 128-bit
// product, as in wyhash (Wang Yi), and any bits may be used for a modulus.
func Hash(key []Value) uint64 {
	h := uint64(hashSeed)
	for i := range key {
		h = key[i].hash(h)
	}
	return fold(h, hashEnd)
}

const (
	hashSeed = 0xa0761d6478bd642f
	hashWord = 0xe7037ed1a0b428db
	hashEnd  = 0x8ebc6af09c88c6e3
)

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// hash continues the hash h. Kind and length are included, so that tuples with different
// boundaries between values differ.
func (v *Value) hash(h uint64) uint64 {
	h ^= uint64(v.Kind()) << 56
	switch v.Kind() {
	case Null:
		return fold(h^hashEnd, hashWord)
	case String, Bytes:
		return hashText(h, v.text, int(v.n))
	case Array, Map, Struct:
		return fold(h^v.hashNested(hashSeed), hashWord)
	case Double:
		return fold(h^canonicalBits(v.Float64()), hashWord)
	case Decimal:
		return fold(fold(h^v.n^uint64(v.scale())<<48, hashWord)^uint64(v.high()), hashWord)
	default:
		return fold(h^v.n, hashWord)
	}
}

// textOf returns the address of a text's first byte.
func textOf(s string) *byte { return unsafe.StringData(s) }

// hashText hashes n bytes; eight and less, and sixteen and less, at once.
func hashText(h uint64, p *byte, n int) uint64 {
	if n > 16 {
		return fold(h^xxh3.HashString(unsafe.String(p, n)), hashWord^uint64(n))
	}
	b := unsafe.Slice(p, n)
	var x, y uint64
	switch {
	case n >= 8:
		x, y = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		x, y = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		x, y = uint64(b[0])|uint64(b[n/2])<<8, uint64(b[n-1])
	}
	return fold(h^x, hashWord^y^uint64(n)<<56)
}
