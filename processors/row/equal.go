package row

// EqualKeyed reports whether two rows have equal keys and equal values, in one pass.
// The first leading values repeat the first key columns, as a processor mostly writes
// them: where such a value is the very words of its own row's key, on both sides, the
// comparison of the keys has compared it too. The contents of both keys are compared
// in every row.
func EqualKeyed(a, b *Change, leading int) bool {
	x, y, v, w := a.Key, b.Key, a.Values, b.Values
	if len(x) != len(y) || len(v) != len(w) {
		return false
	}
	if leading > len(x) || leading > len(v) {
		leading = 0 // a deletion, or a row that is wrong
	}
	y, w = y[:len(x)], w[:len(v)]
	var apart uint64 // what a leading value has that its key has not
	for i := range leading {
		x, y := &x[i], &y[i]
		if !x.equalText(y) {
			return false
		}
		v, w := &v[i], &w[i]
		apart |= (v.n ^ x.n) | (v.what ^ x.what) | uint64(v.at()^x.at())
		apart |= (w.n ^ y.n) | (w.what ^ y.what) | uint64(w.at()^y.at())
	}
	if leading < len(x) && !EqualValues(x[leading:], y[leading:]) {
		return false
	}
	if apart != 0 {
		leading = 0
	}
	for i := leading; i < len(v); i++ {
		if v, w := &v[i], &w[i]; (v.n^w.n)|(v.what^w.what) != 0 || v.text != w.text {
			if !v.equal(w) {
				return false
			}
		}
	}
	return true
}

// equalText is equal, for values that are mostly short texts at different addresses.
func (v *Value) equalText(w *Value) bool {
	if (v.n^w.n)|(v.what^w.what) != 0 || v.what != uint64(String) || v.n < 4 || v.n > 16 {
		return v.equal(w)
	}
	if v.n >= 8 {
		return (word[uint64](v.text, 0)^word[uint64](w.text, 0))|(word[uint64](v.text, int(v.n)-8)^word[uint64](w.text, int(v.n)-8)) == 0
	}
	return (word[uint32](v.text, 0)^word[uint32](w.text, 0))|(word[uint32](v.text, int(v.n)-4)^word[uint32](w.text, int(v.n)-4)) == 0
}
