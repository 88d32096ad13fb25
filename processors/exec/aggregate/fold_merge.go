package aggregate

import (
	"cmp"
	"math"
	"math/bits"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// Merge adds to a group what another group holds. Sums of DOUBLEs depend on the order and
// are wrong afterwards: see Again.
func (f *Fold) Merge(into, from *Group) {
	w, o := into.Words[f.At:], from.Words[f.At:]
	if f.Tally != nil {
		f.Tally.merge(&w[0], &o[0])
		return
	}
	if o[0] == 0 {
		return
	}
	had := w[0]
	w[0] += o[0]
	var carry uint64
	switch f.op {
	case sumWhole, sumWide:
		w[1], carry = bits.Add64(w[1], o[1], 0)
		w[2] += o[2] + carry
	case sumWidest:
		w[1], carry = bits.Add64(w[1], o[1], 0)
		w[2], carry = bits.Add64(w[2], o[2], carry)
		w[3] += o[3] + carry
	case bestWhole:
		if had == 0 || f.better(cmp.Compare(int64(o[1]), int64(w[1]))) {
			w[1] = o[1]
		}
	case bestWide:
		if had == 0 || f.better(numeric.Int128{Hi: int64(o[2]), Lo: o[1]}.Cmp(numeric.Int128{Hi: int64(w[2]), Lo: w[1]})) {
			w[1], w[2] = o[1], o[2]
		}
	case bestDouble:
		if had == 0 || f.better(row.Compare(double(o[1]), double(w[1]))) {
			w[1] = o[1]
		}
	case bestText:
		if had == 0 || f.better(cmp.Compare(from.Texts[f.text], into.Texts[f.text])) {
			into.Texts[f.text] = from.Texts[f.text]
		}
	case momentsWhole:
		addWords(w[1:3], o[1:3])
		addWords(w[3:6], o[3:6])
	case momentsWide:
		addWords(w[1:4], o[1:4])
		addWords(w[4:9], o[4:9])
	}
}

// InOrder reports whether the addends must be added again, in input order, after groups
// are merged.
func (f *Fold) InOrder() bool { return f.op == sumDouble || f.op == momentsDouble }

// Addend is a DOUBLE and the position of its record.
type Addend struct {
	Position int64
	Bits     uint64
}

// Again computes the results that depend on order from their addends, in input order.
func (f *Fold) Again(s *Group, list []Addend) {
	if f.op == momentsDouble {
		w := s.Words[f.At:]
		clear(w[:words[f.op]])
		for _, a := range list {
			w[0]++
			addDoubleMoments(w, math.Float64frombits(a.Bits))
		}
		return
	}
	sum := 0.0
	for _, a := range list {
		sum += math.Float64frombits(a.Bits)
	}
	w := s.Words[f.At:]
	w[0], w[1] = uint64(len(list)), math.Float64bits(sum)
}
