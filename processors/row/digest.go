package row

// Digest returns a hash of what a row shows beyond its key: its timestamp and its
// values, without those that only repeat a key column. fromKey[i] is the key
// column that value i repeats, -1 for none. Rows of one key that are EqualRow have
// the same digest.
func Digest(c *Change, fromKey []int) uint64 {
	d := digestSeed ^ uint64(c.Timestamp)
	for i := range c.Values {
		if i >= len(fromKey) || fromKey[i] < 0 || !c.Values[i].equal(&c.Key[fromKey[i]]) {
			d += c.Values[i].digest(i)
		}
	}
	return fold(d, hashEnd)
}

// Agree reports whether the values of two rows, neither a deletion, are Equal,
// given that their keys and timestamps are, and returns the Digest of both. It
// does in one pass what EqualValues and Digest do in two.
func Agree(a, b *Change, fromKey []int) (digest uint64, ok bool) {
	x, y := a.Values, b.Values
	if len(x) != len(y) {
		return 0, false
	}
	y = y[:len(x)]
	d := digestSeed ^ uint64(a.Timestamp)
	for i := range x {
		v, w := &x[i], &y[i]
		if i < len(fromKey) {
			if k := fromKey[i]; k >= 0 {
				one, two := &a.Key[k], &b.Key[k]
				if v.text != nil && v.text == one.text && v.n == one.n && v.kind == one.kind &&
					w.text == two.text && w.n == two.n && w.kind == two.kind {
					continue // each is its key's text, and the keys are equal
				}
				if !v.equal(w) {
					return 0, false
				}
				if v.equal(one) {
					continue
				}
				d += v.digest(i)
				continue
			}
		}
		if !v.equal(w) {
			return 0, false
		}
		d += v.digest(i)
	}
	return fold(d, hashEnd), true
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
	}
	return fold(v.n^place, uint64(v.hi)^uint64(v.kind)<<56^uint64(v.scale)<<48^hashWord)
}
