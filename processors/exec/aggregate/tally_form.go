package aggregate

import (
	"parallax/processors/exec/form"
	"parallax/processors/row"
)

// The canonical forms of tallies. Each begins with a number that is 0 where the tally has
// taken nothing: such a tally is the same as none. Positions of records are written only where
// tallies will be merged or undone, because nothing else reads them.

func (l *valueList) appendForm(dst []byte, _ *tallying) []byte {
	dst = form.AppendCount(dst, len(l.values))
	return appendPlaced(dst, l.values, l.places, l.ordered)
}

func (l *valueList) readForm(r *form.Reader, t *tallying) bool {
	l.values, l.places = readPlaced(r, r.Count(1), t.types[0], l.ordered)
	return len(l.values) > 0
}

// appendPlaced appends values, each after the position that it came from where those count.
func appendPlaced(dst []byte, values []row.Value, places []int64, ordered bool) []byte {
	before := int64(-1)
	for i, v := range values {
		if ordered {
			dst = form.AppendNext(dst, before, places[i])
			before = places[i]
		}
		dst = form.AppendValue(dst, v)
	}
	return dst
}

func readPlaced(r *form.Reader, n int, of row.Type, ordered bool) (values []row.Value, places []int64) {
	before := int64(-1)
	for range n {
		if ordered {
			before = r.Next(before)
			places = append(places, before)
		}
		values = append(values, r.Value(of))
	}
	return values, places
}

// appendForm leaves out the values that are no longer among the last ones.
func (e *edge) appendForm(dst []byte, t *tallying) []byte {
	from := max(0, len(e.values)-e.most)
	dst = form.AppendCount(dst, len(e.values)-from)
	return appendPlaced(dst, e.values[from:], e.places[from:], t.ordered)
}

func (e *edge) readForm(r *form.Reader, t *tallying) bool {
	n := r.Count(1)
	if n > e.most {
		r.Fail("%d values are kept of at most %d", n, e.most)
		return false
	}
	e.values, e.places = readPlaced(r, n, t.types[0], t.ordered)
	if !t.ordered {
		e.places = make([]int64, len(e.values))
	}
	return n > 0
}
