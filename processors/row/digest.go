package row

import "unsafe"

// Digest returns a hash of a row's timestamp and of its values, except for values that
// repeat a key column. fromKey[i] is the key column that value i repeats, -1 for none. Rows
// with equal keys for which EqualRow is true have the same digest.
func Digest(c *Change, fromKey []int) uint64 {
	d := digestSeed ^ uint64(c.Timestamp) + uint64(len(c.Values))*hashWord
	for i := range c.Values {
		v := &c.Values[i]
		if i < len(fromKey) {
			// A faulty V2 may return fewer key columns than the sink has.
			if k := fromKey[i]; k >= 0 && k < len(c.Key) && v.equal(&c.Key[k]) {
				continue
			}
		}
		d += v.digest(i)
	}
	return fold(d, hashEnd)
}

const digestSeed = uint64(0x589965cc75374cc3)

// digest hashes the value of column i. The columns' digests are added, so that their
// computations are independent.
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
	meta := v.meta
	if v.text != nil { // a DECIMAL whose high word does not fit into meta
		meta ^= fold(uint64(v.high())^hashSeed, hashEnd)
	}
	return fold(v.n^place, meta^hashWord)
}

// at is the address of a text.
func (v *Value) at() uintptr { return uintptr(unsafe.Pointer(v.text)) }
