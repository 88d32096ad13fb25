package exec

import (
	"math"

	"parallax/processors/exec/aggregate"
	"parallax/processors/exec/form"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// codec writes a partition's key, how many rows it has had, the time, rank and dense rank of
// the last one, the state of frames that keep all rows, and the last values of the arguments
// of which values are kept. The state of moving frames is computed from those values.
func (o *over) codec(q *plan.Query) state.Codec {
	keys := typesOf(q.Over.PartitionBy)
	return &codec{
		id: overForm,
		append: func(dst []byte, saved any) []byte {
			e := saved.(overEntry)
			return o.appendPartition(form.AppendValues(dst, e.key), &e.partition, e.tallies)
		},
		read: func(r *form.Reader) any {
			e := overEntry{key: r.Keys(keys)}
			e.tallies = o.readPartition(r, &e.partition)
			return e
		},
	}
}

func (o *over) appendPartition(dst []byte, s *overState, tallies [][]aggregate.Tally) []byte {
	dst = form.AppendInt(form.AppendUint(dst, uint64(s.rows)), s.time)
	dst = form.AppendUint(form.AppendUint(dst, uint64(s.rows-s.rank)), uint64(s.dense))
	for i := range o.slides {
		if l := &o.slides[i]; l.preceding == all {
			dst = l.appendForm(dst, s, &o.arguments[l.argument])
		}
	}
	for i, f := range o.refolds {
		dst = f.AppendForm(dst, &aggregate.Group{Words: s.words}, tallies[i], nil)
	}
	for i := range o.arguments {
		a, ring := &o.arguments[i], &s.rings[i]
		for n := a.firstKept(s.rows); n < s.rows; n++ {
			v := ring.operand(ring.at(n))
			dst = a.AppendForm(dst, &v)
		}
	}
	return dst
}

func (o *over) readPartition(r *form.Reader, s *overState) (tallies [][]aggregate.Tally) {
	o.makeRoom(s)
	s.rows, s.time = r.Number(), r.Int()
	s.rank, s.dense = s.rows-r.Number(), r.Number()
	if s.rows < 1 || s.rank < 1 || s.dense < 1 || s.dense > s.rank {
		r.Fail("rank %d and dense rank %d of row %d", s.rank, s.dense, s.rows)
	}
	for i := range o.slides {
		if l := &o.slides[i]; l.preceding == all {
			l.readForm(r, s, &o.arguments[l.argument])
		}
	}
	for _, f := range o.refolds {
		tallies = append(tallies, f.ReadForm(r, &aggregate.Group{Words: s.words}, nil))
	}
	for i := range o.arguments {
		s.rings[i].readForm(r, &o.arguments[i], s.rows)
	}
	if r.Err() == nil {
		o.slideAgain(s)
	}
	return tallies
}

// slideAgain computes the state of moving frames from the rows that are kept.
func (o *over) slideAgain(s *overState) {
	for i := range o.slides {
		l := &o.slides[i]
		if l.preceding == all {
			continue
		}
		a, ring := &o.arguments[l.argument], &s.rings[l.argument]
		for n := max(0, s.rows-1-l.preceding); n < s.rows; n++ {
			v := ring.operand(ring.at(n))
			l.enter(s, n, a, &v)
		}
	}
}

// firstKept returns the first row of which the argument's value is kept, where there have been
// so many; rows itself where none is.
func (a *overArgument) firstKept(rows int64) int64 { return rows - min(rows, a.keep) }

// readForm reads the values that are kept of an argument into an empty ring, which becomes as
// large as if the rows had come one after another.
func (r *ring) readForm(from *form.Reader, a *overArgument, rows int64) {
	first := a.firstKept(rows)
	if first == rows || !from.Holds(rows-first) {
		return
	}
	size := int64(leastRing)
	for size < rows && size < a.keep {
		size *= 2
	}
	r.makeRoom(int(size), a)
	for n := first; n < rows && from.Err() == nil; n++ {
		v := a.ReadForm(from)
		if a.narrow && a.Kind == row.Decimal && v.Hi != int64(v.Lo)>>63 {
			from.Fail("a DECIMAL of at most %d digits takes more than one word", wordDigits)
		}
		r.put(n, a, &v)
	}
}

// appendForm appends the state of a frame that keeps all rows.
func (l *slide) appendForm(dst []byte, s *overState, a *overArgument) []byte {
	w := s.words[l.at:]
	if l.op != slideFirstEver { // whose operand says whether there is a value
		dst = form.AppendUint(dst, w[0])
	}
	switch {
	case l.op == slideFirstEver, l.op == slideBestEver:
		v := l.kept(s)
		dst = a.AppendForm(dst, &v)
	case w[0] == 0:
	case l.op == slideDouble:
		dst = form.AppendDouble(dst, math.Float64frombits(w[1]))
	case l.op == slideWhole, l.op == slideWide:
		dst = form.AppendWords(dst, w[1:slideWords[l.op]]...)
	}
	return dst
}

func (l *slide) readForm(r *form.Reader, s *overState, a *overArgument) {
	w := s.words[l.at:]
	if l.op != slideFirstEver {
		w[0] = r.Uint()
	}
	switch {
	case l.op == slideFirstEver, l.op == slideBestEver:
		v := a.ReadForm(r)
		if l.op == slideBestEver && v.Valid != (w[0] > 0) {
			r.Fail("the best of %d values is there: %v", w[0], v.Valid)
		}
		l.keep(s, &v)
	case w[0] == 0:
	case l.op == slideDouble:
		w[1] = math.Float64bits(r.Double())
	case l.op == slideWhole, l.op == slideWide:
		r.Words(w[1:slideWords[l.op]])
	}
}
