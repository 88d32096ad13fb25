package aggregate

import (
	"math"

	"parallax/processors/exec/form"
)

// AppendForm appends the canonical form of a group's folds, one after the other: a count,
// and, unless that is 0, what the fold keeps. tallies are the group's, as Tallies returns
// them. Folds that the owner can make again from what else it writes are left out: isDerived
// says which, nil none.
func (l *Layout) AppendForm(dst []byte, s *Group, tallies []Tally, isDerived func(*Fold) bool) []byte {
	for i := range l.Folds {
		f := &l.Folds[i]
		var tally Tally
		if f.Tally != nil {
			tally, tallies = tallies[0], tallies[1:]
		}
		switch {
		case isDerived != nil && isDerived(f):
		case f.Tally == nil:
			dst = f.appendForm(dst, s)
		case tally == nil:
			dst = form.AppendCount(dst, 0)
		default:
			dst = tally.appendForm(dst, f.Tally)
		}
	}
	return dst
}

// ReadForm reads what AppendForm wrote into a group whose words and texts are empty, and
// returns its tallies.
func (l *Layout) ReadForm(r *form.Reader, s *Group, isDerived func(*Fold) bool) (tallies []Tally) {
	for i := range l.Folds {
		f := &l.Folds[i]
		isLeftOut := isDerived != nil && isDerived(f)
		if f.Tally == nil {
			if !isLeftOut {
				f.readForm(r, s)
			}
			continue
		}
		var tally Tally
		if own := f.Tally.make(); !isLeftOut && own.readForm(r, f.Tally) && r.Err() == nil {
			tally = own
		}
		tallies = append(tallies, tally)
	}
	return tallies
}

// appendForm appends a fold of fixed size. What its words hold without a value means nothing.
func (f *Fold) appendForm(dst []byte, s *Group) []byte {
	w := s.Words[f.At:][:words[f.op]]
	if dst = form.AppendUint(dst, w[0]); w[0] == 0 {
		return dst
	}
	switch f.op {
	case countRows, countValues, apart:
	case bestText:
		dst = form.AppendText(dst, s.Texts[f.text])
	case sumDouble, bestDouble, momentsDouble:
		for _, bits := range w[1:] {
			dst = form.AppendDouble(dst, math.Float64frombits(bits))
		}
	case momentsWhole:
		dst = form.AppendWords(form.AppendWords(dst, w[1:3]...), w[3:]...)
	case momentsWide:
		dst = form.AppendWords(form.AppendWords(dst, w[1:4]...), w[4:]...)
	default: // one number
		dst = form.AppendWords(dst, w[1:]...)
	}
	return dst
}

func (f *Fold) readForm(r *form.Reader, s *Group) {
	w := s.Words[f.At:][:words[f.op]]
	if w[0] = r.Uint(); w[0] == 0 {
		return
	}
	switch f.op {
	case countRows, countValues, apart:
	case bestText:
		s.Texts[f.text] = r.Text()
	case sumDouble, bestDouble, momentsDouble:
		for i := range w[1:] {
			w[1+i] = math.Float64bits(r.Double())
		}
	case momentsWhole:
		r.Words(w[1:3])
		r.Words(w[3:])
	case momentsWide:
		r.Words(w[1:4])
		r.Words(w[4:])
	default:
		r.Words(w[1:])
	}
}
