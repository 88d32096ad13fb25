package exec

import (
	"math/bits"
	"slices"

	"parallax/processors/row"
)

// Taking a record away again, as aggregating a table does with a row's old value:
// what is left is what there would be had it never come. The registry's Undo says of
// which aggregates that holds. What is of DOUBLEs cannot be taken away, for a sum
// less a number is not the sum that was: of a fold that is inOrder what was added is
// kept, and it is made again without the record.

// undo takes an operand away from a group that took it.
func (f *fold) undo(s *groupState, o *operand) {
	w := s.words[f.at:]
	if f.op != countRows && !o.valid {
		return
	}
	w[0]--
	switch f.op {
	case sumWhole:
		subtractWords(w[1:3], []uint64{o.lo, uint64(int64(o.lo) >> 63)})
	case sumWide:
		subtractWords(w[1:3], []uint64{o.lo, uint64(o.hi)})
	case sumWidest:
		subtractWords(w[1:4], []uint64{o.lo, uint64(o.hi), uint64(o.hi >> 63)})
	case momentsWhole:
		x, square := momentsOfWord(int64(o.lo))
		subtractWords(w[1:3], x[:])
		subtractWords(w[3:6], square[:])
	case momentsWide:
		x, square := momentsOfWide(row.Int128{Hi: o.hi, Lo: o.lo})
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

// undoer is a tally, an ordered one, that a record can be taken away from: values
// and place are those that it was added with.
type undoer interface {
	undo(place int64, values []row.Value)
}

func (l *valueList) undo(place int64, _ []row.Value) {
	if i, found := slices.BinarySearch(l.places, place); found {
		l.values = slices.Concat(l.values[:i], l.values[i+1:]) // rows show the old ones
		l.places = slices.Delete(l.places, i, i+1)
	}
}

// undo forgets a value that is there no more. Of one that is, it does not know where
// it came the next time, so the order is not to be shown after it.
func (s *valueSet) undo(_ int64, values []row.Value) {
	s.room = row.AppendKey(s.room[:0], values[0])
	i, known := s.at[string(s.room)]
	if !known {
		return
	}
	if s.counts[i]--; s.counts[i] > 0 {
		return
	}
	delete(s.at, string(s.room))
	s.values = slices.Concat(s.values[:i], s.values[i+1:]) // rows show the old ones
	s.counts, s.places = slices.Delete(s.counts, i, i+1), slices.Delete(s.places, i, i+1)
	for j, v := range s.values[i:] {
		s.room = row.AppendKey(s.room[:0], v)
		s.at[string(s.room)] = i + j
	}
}

func (c *correlation) undo(place int64, _ []row.Value) {
	i := slices.IndexFunc(c.pairs, func(p pair) bool { return p.place == place })
	if i >= 0 {
		c.again(slices.Delete(c.pairs, i, i+1))
	}
}
