package oracle

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// session adds the record to its key's session: all sessions within a gap of it are merged.
// The session, and so whether the record is late, depends on the key.
func (q *query) session(in scope) row.Disposition {
	gap, grace, at := q.Aggregation.Window.Size, q.Aggregation.Window.Grace, in.event.time
	key, args, err := q.read(in)
	if err != nil {
		q.out.ExpressionErrors++
		return q.dead(in.event, err)
	}
	all := &group{span: span{at, row.AddTime(at, gap)}, key: key, rows: []taken{{q.arrivals, at, args}}}
	var joined []*group
	for _, g := range q.groups {
		if q.stop.isDue() {
			break
		}
		if row.CompareKeys(g.key, key) == 0 && row.AddTime(g.start, -gap) <= at && at <= g.end {
			joined = append(joined, g)
			all.start, all.end = min(all.start, g.start), max(all.end, g.end)
			all.rows = append(all.rows, g.rows...)
		}
	}
	if row.AddTime(all.end, grace) < q.watermark {
		q.late(in.event, 1)
		return row.Late
	}
	slices.SortFunc(all.rows, func(a, b taken) int { return cmp.Compare(a.arrival, b.arrival) })
	shown := false
	for _, g := range joined {
		shown = shown || g.shown
		if g.span == all.span {
			all.shown = g.shown // it is still the same row
		} else {
			q.retract(g)
		}
	}
	q.groups = slices.DeleteFunc(q.groups, func(g *group) bool { return slices.Contains(joined, g) })
	q.groups = append(q.groups, all)
	if q.final() {
		return row.StateOnly
	}
	q.show(all)
	if shown || all.shown {
		return row.Output
	}
	return row.StateOnly
}
