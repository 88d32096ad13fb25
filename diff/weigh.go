package diff

import (
	"slices"
	"unsafe"

	"parallax/processors/row"
)

// hypotheses is a set of hypotheses, a bit each by its index in ranking.
type hypotheses uint32

// ranking are all hypotheses. If several fit all divergences of a signature, the first one
// is named.
var ranking = []Hypothesis{
	PartsAddUp, BufferReused, Retried, FloatOrder, ThroughDouble, TimeZone, OtherUnit, Stutter, Conflated, ClockAhead,
	ClockBehind, LateAccepted, OffByOne, SharedSession, NullText, BadRecord, PartLost,
}

const allHypotheses = ^hypotheses(0)

// only returns the set of one hypothesis; the empty set for "".
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

// weigh adds the hypotheses that fit one more divergence of the signature, and reports
// whether it is the first one that shows a hypothesis. A hypothesis is named only if it
// fits each divergence of the signature, or cannot be decided for it, and certainly fits
// one of them.
func (s *Signature) weigh(d *divergence) (shows bool) {
	s.fitting &= d.sure | d.unsure
	shows = d.sure&^s.shown != 0
	s.shown |= d.sure
	return shows
}

// fits returns which hypotheses of a set fit two differing rows of one identity and cause:
// certainly, or as far as that can be decided.
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

// fit says how well a hypothesis fits a divergence.
type fit uint8

const (
	doesNotFit fit = iota
	cannotTell
	fitsSurely
)

// bufferReused decides whether V2's values are those of another row: their address is the
// one of another row's values in the batch, or they begin with another key than the row's
// own.
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

// countedTwice decides whether V2's values belong to a group to which the batch's records
// were added twice. Then in each of the batch's rows V2 has more than V1 by the amount that
// the batch added; for a group that started in the batch, that is V1's value at its end.
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
		if g.isKnown || i >= len(last.Values) {
			continue
		}
		switch atEnd := last.Values[i].Int64(); {
		case more != atEnd:
			return doesNotFit
		case v.Int64() != atEnd: // otherwise it is twice V1's, which says little
			result = fitsSurely
		}
	}
	if !some {
		return doesNotFit
	}
	return result
}
