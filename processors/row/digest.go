package row

import "unsafe"

// Digest returns a hash of what a row shows beyond its key: its timestamp and its
// values, without those that only repeat a key column. fromKey[i] is the key
// column that value i repeats, -1 for none. Rows of one key that are EqualRow have
// the same digest.
func Digest(c *Change, fromKey []int) uint64 {
	d := digestSeed ^ uint64(c.Timestamp) + uint64(len(c.Values))*hashWord
	for i := range c.Values {
		v := &c.Values[i]
		if i < len(fromKey) {
			// A V2 that is wrong may have fewer key columns than the sink.
			if k := fromKey[i]; k >= 0 && k < len(c.Key) && v.equal(&c.Key[k]) {
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
	kind := v.Kind()
	switch kind {
	case String, Bytes: // which may be the same text
		return hashText(place^uint64(kind)<<56, v.text, int(v.n))
	case Double:
		return fold(canonicalBits(v.Float64())^place, hashEnd)
	case Array, Map, Struct:
		return fold(v.hashNested(place^uint64(kind)<<56), hashEnd)
	}
	what := v.what
	if v.text != nil { // a DECIMAL that is too large for what
		what ^= fold(uint64(v.high())^hashSeed, hashEnd)
	}
	return fold(v.n^place, what^hashWord)
}

// at is the address of a text.
func (v *Value) at() uintptr { return uintptr(unsafe.Pointer(v.text)) }
