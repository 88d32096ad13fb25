package row

import (
	"encoding/binary"
	"unsafe"

	"github.com/zeebo/xxh3"
)

// KeyWords is the number of words for one key column in lookups: one word with kind, scale
// and length, and two with the content. Keys are equal if their words are equal, except for
// a text that is longer than two words and for a nested value: their words hold a hash, and
// the values must be compared. Hash is computed from the same words.
const KeyWords = 3

// wordText is the longest text that two words hold.
const wordText = 16

// Words writes the words of a tuple, KeyWords for each value, and reports whether the tuple
// has a value that does not fit into its words.
func Words(words []uint64, tuple []Value) (long bool) {
	for i := range tuple {
		v := &tuple[i]
		w := words[i*KeyWords:][:KeyWords]
		w[0], w[1], w[2] = v.meta&(1<<highAt-1), v.n, 0
		switch v.Kind() {
		case Null:
			w[1] = 0
		case String, Bytes:
			w[0] |= v.n << 16
			w[1], w[2] = textWords(v.text, int(v.n))
			long = long || v.n > wordText
		case Double:
			w[1] = canonicalBits(v.Float64())
		case Array, Map, Struct:
			w[1] = v.hashNested(hashSeed)
			long = true
		case Decimal:
			w[2] = uint64(v.high())
		}
	}
	return long
}

// textWords returns the words of n bytes: the first and the last eight, or four,
// of them; all of three or fewer.
func textWords(p *byte, n int) (x, y uint64) {
	b := unsafe.Slice(p, n)
	switch {
	case n > wordText:
		return xxh3.HashString(unsafe.String(p, n)), 0
	case n >= 8:
		return binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		return uint64(b[0]) | uint64(b[n/2])<<8, uint64(b[n-1])
	}
	return 0, 0
}

// HashWords returns Hash of the tuple that has the words.
func HashWords(words []uint64) uint64 {
	h := uint64(hashSeed)
	for ; len(words) >= KeyWords; words = words[KeyWords:] {
		h = hashColumn(h, words[0], words[1], words[2])
	}
	return fold(h, hashEnd)
}

// hashColumn continues the hash h with a column's words, as Value.hash does.
func hashColumn(h, meta, x, y uint64) uint64 {
	kind := Kind(meta)
	h ^= uint64(kind) << 56
	switch kind {
	case Null:
		return fold(h^hashEnd, hashWord)
	case String, Bytes:
		return hashTextWords(h, x, y, meta>>16)
	case Decimal:
		return fold(fold(h^x^meta>>8<<48, hashWord)^y, hashWord)
	default:
		return fold(h^x, hashWord)
	}
}

func hashTextWords(h, x, y, n uint64) uint64 {
	if n > wordText {
		return fold(h^x, hashWord^n)
	}
	return fold(h^x, hashWord^y^n<<56)
}

// StartHashes begins the hashes of some keys, EndHashes ends them; between that,
// the words of their columns go in, in order.
func StartHashes(hashes []uint64) {
	for k := range hashes {
		hashes[k] = hashSeed
	}
}

// EndHashes turns the collected states into the results of row.Hash.
func EndHashes(hashes []uint64) {
	for k, h := range hashes {
		hashes[k] = fold(h, hashEnd)
	}
}

// Words writes the words of some rows, the words of rows[k] at words[k*stride:], and
// continues their hashes, unless hashes is nil. It reports whether a value does not fit
// into its words.
func (v *Vector) Words(words []uint64, stride int, hashes []uint64, rows []int32) (long bool) {
	kind := v.Type.Kind
	if kind != String && kind != Bytes {
		return v.valueWords(words, stride, hashes, rows)
	}
	for k, r := range rows {
		w := words[k*stride:][:KeyWords]
		if !v.Valid(int(r)) {
			w[0], w[1], w[2] = 0, 0, 0
			if hashes != nil {
				hashes[k] = hashColumn(hashes[k], 0, 0, 0)
			}
			continue
		}
		s := v.Str(int(r))
		n := uint64(len(s))
		long = long || n > wordText
		x, y := textWords(unsafe.StringData(s), len(s))
		w[0], w[1], w[2] = uint64(kind)|n<<16, x, y
		if hashes != nil {
			hashes[k] = hashTextWords(hashes[k]^uint64(kind)<<56, x, y, n)
		}
	}
	return long
}

// valueWords is Words of anything but texts.
func (v *Vector) valueWords(words []uint64, stride int, hashes []uint64, rows []int32) (long bool) {
	for k, r := range rows {
		w := words[k*stride:][:KeyWords]
		value := [1]Value{v.Value(int(r))}
		long = Words(w, value[:]) || long
		if hashes != nil {
			hashes[k] = hashColumn(hashes[k], w[0], w[1], w[2])
		}
	}
	return long
}
