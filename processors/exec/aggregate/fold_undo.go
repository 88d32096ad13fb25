package aggregate

import (
	"cmp"
	"math/bits"
	"slices"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// Removing a record again, as an aggregation of a table does with a row's old value: the result is the
// one without that record. The registry's Undo says which aggregates can do this. A DOUBLE cannot be
// removed, because subtracting a number does not restore the earlier sum: the aggregate is computed
// again without the record. The same holds for a tally that cannot undo.

// CanUndo reports whether Undo can remove what was added.
func (f *Fold) CanUndo() bool {
	if f.Tally != nil {
		return f.Tally.undo != nil
	}
	switch f.op {
	case countRows, countValues, sumWhole, sumWide, sumWidest, momentsWhole, momentsWide:
		return true
	}
	return false
}

// Undo removes an operand from a group that it was added to.
func (f *Fold) Undo(s *Group, o *Operand) {
	w := s.Words[f.At:]
	if f.op != countRows && !o.Valid {
		return
	}
	w[0]--
	switch f.op {
	case sumWhole:
		subtractWords(w[1:3], []uint64{o.Lo, uint64(int64(o.Lo) >> 63)})
	case sumWide:
		subtractWords(w[1:3], []uint64{o.Lo, uint64(o.Hi)})
	case sumWidest:
		subtractWords(w[1:4], []uint64{o.Lo, uint64(o.Hi), uint64(o.Hi >> 63)})
	case momentsWhole:
		x, square := momentsOfWord(int64(o.Lo))
		subtractWords(w[1:3], x[:])
		subtractWords(w[3:6], square[:])
	case momentsWide:
		x, square := momentsOfWide(numeric.Int128{Hi: o.Hi, Lo: o.Lo})
		subtractWords(w[1:4], x[:])
		subtractWords(w[4:9], square[:])
	}
}

// subtractWords subtracts a number of as many words or fewer, the lowest first.
func subtractWords(from, n []uint64) {
	var borrow uint64
	for i := range from {
		var less uint64
		if i < len(n) {
			less = n[i]
		}
		from[i], borrow = bits.Sub64(from[i], less, borrow)
	}
}

func undoListed(own Tally, place int64, _ []row.Value) {
	l := own.(*valueList)
	if i, found := slices.BinarySearch(l.places, place); found {
		l.values = slices.Concat(l.values[:i], l.values[i+1:]) // rows show the old ones
		l.places = slices.Delete(l.places, i, i+1)
	}
}

// undoCounted takes a value out of a set of which only the number is shown: in which
// order the others were first seen it does not keep.
func undoCounted(own Tally, _ int64, values []row.Value) {
	s := own.(*valueSet)
	s.room = row.AppendKey(s.room[:0], values[0])
	i := s.at[string(s.room)]
	if s.counts[i]--; s.counts[i] > 0 {
		return
	}
	delete(s.at, string(s.room))
	last := len(s.values) - 1
	if i < last {
		s.values[i], s.counts[i], s.places[i] = s.values[last], s.counts[last], s.places[last]
		s.room = row.AppendKey(s.room[:0], s.values[i])
		s.at[string(s.room)] = i
	}
	s.values[last] = row.Value{}
	s.values, s.counts, s.places = s.values[:last], s.counts[:last], s.places[:last]
}

// undoPair makes the correlation anew of the pairs that are left.
func undoPair(own Tally, place int64, _ []row.Value) {
	c := own.(*correlation)
	if i, found := slices.BinarySearchFunc(c.pairs, place, func(p pair, at int64) int { return cmp.Compare(p.place, at) }); found {
		c.again(slices.Delete(c.pairs, i, i+1))
	}
}
