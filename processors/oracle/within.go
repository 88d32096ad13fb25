package oracle

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// within joins streams: rows of one key that are close in time.
type within struct {
	*join
	rows [2][]*waiting
}

// waiting is a row of one side, in order of arrival.
type waiting struct {
	*event
	key           []row.Value
	arrival       int64
	side          int
	matched, gone bool
}

// end returns the time of the latest row that a row can match.
func (w *within) end(r *waiting) int64 {
	if r.side == left {
		return row.AddTime(r.time, w.Within.After)
	}
	return row.AddTime(r.time, w.Within.Before)
}

// open reports whether matching rows may still arrive.
func (w *within) open(r *waiting, watermark int64) bool {
	return row.AddTime(w.end(r), w.Within.Kept()) >= watermark
}

// near reports whether the times of two rows are near enough.
func (w *within) near(l, r *waiting) bool {
	return row.AddTime(l.time, -w.Within.Before) <= r.time && r.time <= row.AddTime(l.time, w.Within.After)
}

// outer reports whether a side's rows are emitted without a match, too.
func (w *within) outer(side int) bool {
	l, r := w.Outer()
	return side == left && l || side == right && r
}

func (w *within) take(e *event, side int) row.Disposition {
	if e.null {
		return row.Filtered
	}
	if row.AddTime(e.time, row.AddTime(w.Within.Size(), w.Within.Kept())) < w.watermark {
		w.out.Late++
		if w.opt.LateToDeadLetter {
			w.out.DeadLetters = append(w.out.DeadLetters, row.DeadLetter{Record: e.record, Reason: "late: its window has closed"})
		}
		return row.Late
	}
	key, err := w.key(e, side)
	if err != nil {
		w.out.DeadLetters = append(w.out.DeadLetters, row.DeadLetter{Record: e.record, Reason: err.Error()})
		return row.Failed
	}
	own := &waiting{event: e, key: key, arrival: w.arrivals, side: side}
	found := w.partners(own)
	for _, other := range found {
		own.matched, other.matched = true, true
		w.pair(own, other)
	}
	open, atOnce := w.open(own, w.watermark), w.Within.Grace < 0
	if w.outer(side) && !own.matched && (atOnce || !open) {
		w.pair(own, nil)
		own.gone = true
	}
	w.rows[side] = append(w.rows[side], own)
	switch {
	case !open:
		return row.Filtered // it can no longer match
	case !matches(key, key) && (atOnce || !w.outer(side)):
		return row.Filtered
	}
	return row.StateOnly
}

// partners are the open rows of the other side that match, by time and then arrival.
func (w *within) partners(own *waiting) (found []*waiting) {
	for _, other := range w.rows[1-own.side] {
		if w.stop.isDue() {
			break
		}
		l, r := own, other
		if own.side == right {
			l, r = other, own
		}
		if matches(own.key, other.key) && w.near(l, r) && w.open(other, w.watermark) {
			found = append(found, other)
		}
	}
	slices.SortStableFunc(found, func(a, b *waiting) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.arrival, b.arrival))
	})
	return found
}

// pair emits the joined row of a row with one of the other side, or with none.
func (w *within) pair(own, other *waiting) {
	var sides [2]*event
	sides[own.side] = own.event
	if other != nil {
		sides[other.side] = other.event
	}
	w.hand(sides[left], sides[right], own.key)
}

// pass emits, when their grace is over, the rows of outer sides that have no match.
func (w *within) pass(watermark int64) {
	if w.Within.Grace < 0 {
		return
	}
	var alone []*waiting
	for side, rows := range w.rows {
		for _, r := range rows {
			if w.stop.isDue() {
				break
			}
			if w.outer(side) && !r.matched && !r.gone && !w.open(r, watermark) {
				r.gone = true
				alone = append(alone, r)
			}
		}
	}
	slices.SortStableFunc(alone, func(a, b *waiting) int {
		return cmp.Or(
			row.CompareKeys(row.AsKeys(a.key), row.AsKeys(b.key)),
			cmp.Compare(a.time, b.time), cmp.Compare(a.arrival, b.arrival), cmp.Compare(a.side, b.side),
		)
	})
	for _, r := range alone {
		w.pair(r, nil)
	}
}
