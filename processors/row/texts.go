package row

import "unsafe"

// Texts stores copies of texts contiguously, for many values with the same lifetime. The
// zero value is empty; returned texts stay valid.
type Texts struct{ free []byte }

// textPiece is the size of one allocation, in bytes.
const textPiece = 4096

// Keep returns the value with a copy of its text.
func (t *Texts) Keep(v Value) Value {
	if v.Kind().IsNested() {
		return v.Clone()
	}
	if v.Kind() != String && v.Kind() != Bytes || v.n == 0 {
		return v
	}
	n := int(v.n)
	if n > textPiece/4 {
		return v.Clone()
	}
	if len(t.free) < n {
		t.free = make([]byte, textPiece)
	}
	own := t.free[:n:n]
	t.free = t.free[n:]
	copy(own, v.Str())
	v.text = unsafe.SliceData(own)
	return v
}
