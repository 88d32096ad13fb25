package row

import "unsafe"

// Digest returns a hash of what a row shows beyond its key: its timestamp and its
// values, without those that only repeat a key column. fromKey[i] is the key
// column that value i repeats, -1 for none. Rows of one key that are EqualRow have
// the same digest.
func Digest(c *Change, fromKey []int) uint64 {
	d := digestSeed ^ uint64(c.Timestamp)
	for i := range c.Values {
		v := &c.Values[i]
		if i < len(fromKey) && fromKey[i] >= 0 {
			if k := &c.Key[fromKey[i]]; v.equal(k) {
				continue
			}
		}
		d += v.digest(i)
	}
	return fold(d, hashEnd)
}

const digestSeed = uint64(0x589965cc75374cc3)

// digest hashes the value of column i. Digests of columns are added up: none has
// to wait for another.
func (v *Value) digest(i int) uint64 {
	place := uint64(i)*2*hashWord + hashSeed
	switch v.kind {
	case String, Bytes:
		return hashText(place, v.text, int(v.n))
	case Double:
		return fold(canonicalBits(v.Float64())^place, hashEnd)
	case Array, Map, Struct:
		return fold(v.hashNested(place), hashEnd)
	}
	return fold(v.n^place, uint64(v.hi)^uint64(v.kind)<<56^uint64(v.scale)<<48^hashWord)
}

// SameWords reports whether two tuples are the same words in memory, the places of
// texts among them. Such tuples are equal; others may be so still. It is what
// EqualValues would mostly find out, several times as fast.
func SameWords(a, b []Value) bool { return len(a) == len(b) && wordsOf(a) == wordsOf(b) }

func wordsOf(values []Value) string {
	return unsafe.String((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(Value{})))
}
