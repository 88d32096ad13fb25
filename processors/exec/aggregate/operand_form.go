package aggregate

import (
	"math"

	"parallax/processors/exec/form"
	"parallax/processors/row"
)

// AppendForm appends the canonical form of an operand: whether there is a value, and the
// value. The other fields of an operand without a value mean nothing. Kinds that only COUNT
// takes have no value to write.
func (a *Argument) AppendForm(dst []byte, o *Operand) []byte {
	if dst = form.AppendBool(dst, o.Valid); !o.Valid {
		return dst
	}
	switch {
	case a.Kind.IsNested():
	case a.Kind == row.String || a.Kind == row.Bytes:
		dst = form.AppendText(dst, o.Text)
	case a.Kind == row.Double:
		dst = form.AppendDouble(dst, math.Float64frombits(o.Lo))
	case a.Kind == row.Decimal:
		dst = form.AppendWords(dst, o.Lo, uint64(o.Hi))
	default:
		dst = form.AppendInt(dst, int64(o.Lo))
	}
	return dst
}

// ReadForm reads what AppendForm wrote.
func (a *Argument) ReadForm(r *form.Reader) (o Operand) {
	if o.Valid = r.Bool(); !o.Valid {
		return o
	}
	switch {
	case a.Kind.IsNested():
	case a.Kind == row.String || a.Kind == row.Bytes:
		o.Text = r.Text()
	case a.Kind == row.Double:
		o.Lo = math.Float64bits(r.Double())
	case a.Kind == row.Decimal:
		var words [2]uint64
		r.Words(words[:])
		o.Lo, o.Hi = words[0], int64(words[1])
	default:
		o.Set(r.Int())
	}
	return o
}

// AppendAddends appends the canonical form of addends, which ascend by position.
func AppendAddends(dst []byte, list []Addend) []byte {
	dst = form.AppendCount(dst, len(list))
	before := int64(-1)
	for _, a := range list {
		dst = form.AppendDouble(form.AppendNext(dst, before, a.Position), math.Float64frombits(a.Bits))
		before = a.Position
	}
	return dst
}

// addendBytes is how many bytes the form of an addend takes at least.
const addendBytes = 9

// ReadAddends reads what AppendAddends wrote.
func ReadAddends(r *form.Reader) (list []Addend) {
	before := int64(-1)
	for range r.Count(addendBytes) {
		before = r.Next(before)
		list = append(list, Addend{Position: before, Bits: math.Float64bits(r.Double())})
	}
	return list
}
