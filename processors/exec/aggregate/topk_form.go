package aggregate

import (
	"parallax/processors/exec/form"
	"parallax/processors/row"
)

func (t *top) appendForm(dst []byte, _ *tallying) []byte {
	dst = form.AppendCount(dst, len(t.entries))
	for _, e := range t.entries {
		dst = form.AppendValue(form.AppendUint(dst, uint64(e.place)), e.value)
		if t.fields != nil {
			dst = form.AppendValues(dst, e.shown.Elements()[1:])
		}
	}
	return dst
}

func (t *top) readForm(r *form.Reader, of *tallying) bool {
	n := r.Count(2)
	if n > t.most {
		r.Fail("%d values are kept of at most %d", n, t.most)
	}
	for i := 0; i < n && r.Err() == nil; i++ {
		e := ranked{place: r.Number(), value: r.Value(of.types[0])}
		e.shown = e.value
		if t.fields != nil {
			e.shown = row.NewStruct(t.fields, append([]row.Value{e.value}, r.Values(of.types[1:])...))
		}
		switch {
		case r.Err() != nil:
		case e.value.IsNull():
			r.Fail("one of the largest values is NULL")
		case i > 0 && (t.entries[i-1].compare(e) >= 0 || t.distinct && row.Compare(t.entries[i-1].value, e.value) == 0):
			r.Fail("the largest values are not in order")
		}
		t.entries = append(t.entries, e)
	}
	return n > 0
}
