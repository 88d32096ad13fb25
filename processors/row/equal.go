package row

// EqualKeyed reports whether two rows have equal keys and equal values, in one pass. The
// first leading values usually repeat the first key columns. If such a value has the same
// words (see Words) as the key column of its own row, in both rows, then comparing the keys
// has already compared it. The contents of both keys are compared in every row.
func EqualKeyed(a, b *Change, leading int) bool {
	x, y, v, w := a.Key, b.Key, a.Values, b.Values
	if len(x) != len(y) || len(v) != len(w) {
		return false
	}
	if leading > len(x) || leading > len(v) {
		leading = 0 // a deletion, or a row that is wrong
	}
	y, w = y[:len(x)], w[:len(v)]
	var apart uint64 // bits in which a leading value differs from its key column
	for i := range leading {
		x, y := &x[i], &y[i]
		if !x.equalText(y) {
			return false
		}
		v, w := &v[i], &w[i]
		apart |= (v.n ^ x.n) | (v.meta ^ x.meta) | uint64(v.at()^x.at())
		apart |= (w.n ^ y.n) | (w.meta ^ y.meta) | uint64(w.at()^y.at())
	}
	if leading < len(x) && !EqualValues(x[leading:], y[leading:]) {
		return false
	}
	if apart != 0 {
		leading = 0
	}
	for i := leading; i < len(v); i++ {
		if v, w := &v[i], &w[i]; (v.n^w.n)|(v.meta^w.meta) != 0 || v.text != w.text {
			if !v.equal(w) {
				return false
			}
		}
	}
	return true
}

// equalText is equal, for values that are mostly short texts at different addresses.
func (v *Value) equalText(w *Value) bool {
	if (v.n^w.n)|(v.meta^w.meta) != 0 || v.meta != uint64(String) || v.n < 4 || v.n > 16 {
		return v.equal(w)
	}
	if v.n >= 8 {
		return (word[uint64](v.text, 0)^word[uint64](w.text, 0))|(word[uint64](v.text, int(v.n)-8)^word[uint64](w.text, int(v.n)-8)) == 0
	}
	return (word[uint32](v.text, 0)^word[uint32](w.text, 0))|(word[uint32](v.text, int(v.n)-4)^word[uint32](w.text, int(v.n)-4)) == 0
}
