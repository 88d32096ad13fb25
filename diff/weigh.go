package diff

import (
	"slices"
	"unsafe"

	"parallax/processors/row"
)

// hypotheses is a set of hypotheses, a bit each by its index in ranking.
type hypotheses uint32

// ranking are all hypotheses. Where several fit all divergences of a signature, the
// first one is named.
var ranking = []Hypothesis{
	PartsAddUp, BufferReused, Retried, FloatOrder, ThroughDouble, TimeZone, OtherUnit, Stutter, Conflated, ClockAhead,
	ClockBehind, LateAccepted, OffByOne, SharedSession, NullText, BadRecord, PartLost,
}

const allHypotheses = ^hypotheses(0)

// only is the set of one hypothesis; the empty set for "".
func only(h Hypothesis) hypotheses {
	i := slices.Index(ranking, h)
	if i < 0 {
		return 0
	}
	return 1 << i
}

func (s hypotheses) has(h Hypothesis) bool { return s&only(h) != 0 }

// first is the hypothesis of the set that is named; "" for the empty set.
func (s hypotheses) first() Hypothesis {
	for i, h := range ranking {
		if s&(1<<i) != 0 {
			return h
		}
	}
	return ""
}

// weigh takes what fits one more divergence of the signature, and reports whether it
// is the first one that shows a hypothesis. A hypothesis is named only if it fits each
// divergence of the signature, or cannot be told of it, and surely fits one of them.
func (s *Signature) weigh(d *divergence) (shows bool) {
	s.fitting &= d.sure | d.unsure
	shows = d.sure&^s.shown != 0
	s.shown |= d.sure
	return shows
}

// fits says which hypotheses of a set fit two rows of one identity and cause whose
// values differ: surely, or as far as can be told.
func (d *Differ) fits(g *group, one, two *row.Change, open hypotheses) (sure, unsure hypotheses) {
	note := func(h Hypothesis, fit fit) {
		switch fit {
		case fitsSurely:
			sure |= only(h)
		case cannotTell:
			unsure |= only(h)
		}
	}
	if g.id != nil && g.id.misrouted && open.has(PartsAddUp) {
		note(PartsAddUp, partsAddUp(g.id, one))
	}
	if open.has(BufferReused) {
		note(BufferReused, d.bufferReused(one, two))
	}
	if open.has(Retried) {
		note(Retried, countedTwice(g, one, two))
	}
	for _, guess := range valueGuesses {
		if open.has(guess.guess) && guess.fits(one, two) {
			sure |= only(guess.guess)
		}
	}
	return sure, unsure
}

// fit says how a hypothesis fits a divergence.
type fit uint8

const (
	doesNotFit fit = iota
	cannotTell
	fitsSurely
)

// bufferReused tells whether V2's values are those of another row: they lie where
// another row of V2 in the batch has its values, or begin with another key than the
// row's own.
func (d *Differ) bufferReused(one, two *row.Change) fit {
	if len(two.Values) == 0 {
		return doesNotFit
	}
	fromKey := d.sinks[two.Query].FromKey
	for i, k := range fromKey {
		if k >= 0 && k < len(two.Key) && i < min(len(one.Values), len(two.Values)) &&
			row.Equal(one.Values[i], one.Key[k]) && !row.Equal(two.Values[i], two.Key[k]) {
			return fitsSurely
		}
	}
	if d.valuesAt == nil {
		d.valuesAt = make(map[*row.Value]int, len(d.rowsOfV2))
		for i := range d.rowsOfV2 {
			if values := d.rowsOfV2[i].Values; len(values) > 0 {
				d.valuesAt[unsafe.SliceData(values)]++
			}
		}
	}
	if d.valuesAt[unsafe.SliceData(two.Values)] > 1 {
		return fitsSurely
	}
	return doesNotFit
}

// countedTwice tells whether V2's values are those of a group to which the batch's
// records were added twice. Then V2 has more than V1 by what the batch added, in each of
// the batch's rows: for a group that the batch began, by V1's value at its end.
func countedTwice(g *group, one, two *row.Change) fit {
	if g.id == nil || len(one.Values) != len(two.Values) {
		return doesNotFit
	}
	rows := g.rows[V1]
	last := rows[len(rows)-1]
	result, some := cannotTell, false
	for i, v := range one.Values {
		if v.Kind() != row.Int && v.Kind() != row.Bigint || v.Kind() != two.Values[i].Kind() || row.Equal(v, two.Values[i]) {
			continue
		}
		more := two.Values[i].Int64() - v.Int64()
		if some = true; (more > 0) != (v.Int64() > 0) {
			return doesNotFit
		}
		if g.known || i >= len(last.Values) {
			continue
		}
		switch atEnd := last.Values[i].Int64(); {
		case more != atEnd:
			return doesNotFit
		case v.Int64() != atEnd: // else it is twice V1's, which says little
			result = fitsSurely
		}
	}
	if !some {
		return doesNotFit
	}
	return result
}
