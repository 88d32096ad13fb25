package row

import "unsafe"

// Texts keeps copies of texts side by side, for many values that live as long as
// each other. The zero value is empty; what it gave out stays.
type Texts struct{ free []byte }

// textPiece is how much is allocated at once, in bytes.
const textPiece = 4096

// Keep returns the value with a text of its own.
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
