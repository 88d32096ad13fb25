package aggregate

import (
	"bytes"
	"slices"

	"parallax/processors/exec/form"
	"parallax/processors/row"
)

// appendForm appends the values in the order in which they were first seen. Where records are
// removed again, no result depends on that order, but the order depends on what was removed:
// there the values are in the order of their keys.
func (s *valueSet) appendForm(dst []byte, t *tallying) []byte {
	dst = form.AppendCount(dst, len(s.values))
	if !t.isUndone() {
		before := int64(-1)
		for i, v := range s.values {
			if s.ordered {
				dst = form.AppendNext(dst, before, s.places[i])
				before = s.places[i]
			}
			dst = form.AppendCount(form.AppendValue(dst, v), int(s.counts[i]))
		}
		return dst
	}
	keys := make([][]byte, len(s.values))
	order := make([]int, len(s.values))
	for i, v := range s.values {
		order[i], keys[i] = i, row.AppendKey(nil, v)
	}
	slices.SortFunc(order, func(i, j int) int { return bytes.Compare(keys[i], keys[j]) })
	for _, i := range order {
		dst = form.AppendCount(form.AppendValue(dst, s.values[i].AsKey()), int(s.counts[i]))
	}
	return dst
}

func (s *valueSet) readForm(r *form.Reader, t *tallying) bool {
	n := r.Count(2)
	if s.most > 0 && n > s.most {
		r.Fail("%d values are kept of at most %d", n, s.most)
		return false
	}
	undone, read := t.isUndone(), r.Value
	if undone {
		read = r.Key
	}
	before, last := int64(-1), []byte(nil)
	for i := 0; i < n && r.Err() == nil; i++ {
		if s.ordered && !undone {
			before = r.Next(before)
		}
		v, count := read(t.types[0]), r.Number()
		at, _ := s.slot(v, func() row.Value { return v }, max(0, before))
		switch {
		case at < i:
			r.Fail("a set has a value twice")
		case count == 0:
			r.Fail("a set has a value that never came")
		case undone && i > 0 && bytes.Compare(last, s.room) >= 0:
			r.Fail("the values of a set are not in order")
		}
		s.counts[at] = count
		if undone {
			last = append(last[:0], s.room...)
		}
	}
	return n > 0
}
