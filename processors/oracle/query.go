package oracle

import (
	"slices"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// query is one of the plan's, and all that it has taken.
type query struct {
	*plan.Query
	opt    processors.Options
	out    *row.Outcome
	batch  *row.Batch
	groups []*group
	// byKey finds a group; it holds the same as groups.
	byKey map[string]*group
	// rows are what OVER has seen, by partition.
	rows map[string][]seen
	// tuples are what DISTINCT has let through.
	tuples [][]row.Value
}

// span is a window; 0 to 0 where there are none.
type span struct{ start, end int64 }

// group is the rows of one key in one window.
type group struct {
	span
	key   []row.Value
	rows  []taken // in input order
	shown bool
}

// taken is a row that a group took: its position, its event time and the
// arguments of each aggregate.
type taken struct {
	position, time int64
	args           [][]row.Value
}

// act lets a record do what it does.
func (q *query) act(i int, position int64) row.Disposition {
	r := q.batch.Record(i)
	in := scope{batch: q.batch, record: r}
	if r.State == row.NullValue && (q.Aggregation != nil || q.Where != nil) {
		return row.Filtered
	}
	if q.Where != nil {
		v, err := in.eval(q.Where)
		if err != nil {
			q.out.ExpressionErrors++
			if q.opt.ErrorsToDeadLetter {
				return q.dead(i, err)
			}
			return row.Filtered
		}
		if v.IsNull() || !v.Bool() {
			return row.Filtered
		}
	}
	if q.Distinct {
		return q.distinct(i, position, in)
	}
	if q.Over != nil {
		return q.over(i, position, in)
	}
	if len(q.Explode) > 0 {
		return q.explode(i, position, in)
	}
	if q.Aggregation == nil {
		return q.project(i, position, in)
	}
	return q.aggregate(i, position, in)
}

// final says that rows come out once, when nothing can change them any more.
func (q *query) final() bool { return q.Aggregation.Emit == plan.EmitFinal }

func (q *query) dead(i int, err error) row.Disposition {
	q.out.DeadLetters = append(q.out.DeadLetters, row.DeadLetter{Record: i, Reason: err.Error()})
	return row.Failed
}

// project emits the record's row.
func (q *query) project(i int, position int64, in scope) row.Disposition {
	c := row.Change{Position: position, Phase: 1, Step: 1, Query: uint16(q.Index), Cause: int32(i), Timestamp: in.record.EventTime}
	if in.record.State != row.NullValue {
		values, err := q.values(in, q.Items)
		if err != nil && q.opt.ErrorsToDeadLetter {
			q.out.ExpressionErrors++
			return q.dead(i, err)
		}
		c.Values = values
	}
	key, err := q.rowKey(in)
	if err != nil && q.opt.ErrorsToDeadLetter {
		q.out.ExpressionErrors++
		return q.dead(i, err)
	}
	c.Key = key
	q.out.Changes = append(q.out.Changes, c)
	return row.Output
}

// values evaluates a tuple; what fails is NULL and, unless the record goes to
// the dead letters for it, counted.
func (q *query) values(in scope, list []plan.Expr) (values []row.Value, failed error) {
	for _, e := range list {
		v, err := in.eval(e)
		if err != nil {
			if failed == nil {
				failed = err
			}
			if in.record == nil || !q.opt.ErrorsToDeadLetter {
				q.out.ExpressionErrors++
			}
			v = row.Value{}
		}
		values = append(values, v)
	}
	return values, failed
}

// aggregate takes the record into its groups, and emits what that changes.
func (q *query) aggregate(i int, position int64, in scope) row.Disposition {
	if w := q.Aggregation.Window; w != nil && w.Kind == plan.Session {
		return q.session(i, position, in)
	}
	open, late := q.windows(in.record)
	if late > 0 {
		q.late(i, late)
	}
	switch {
	case len(open) == 0 && late > 0:
		return row.Late
	case len(open) == 0:
		return row.Filtered // it is between two windows
	}
	key, args, err := q.read(in)
	if err != nil {
		q.out.ExpressionErrors++
		return q.dead(i, err)
	}
	c := row.Change{Position: position, Phase: 1, Cause: int32(i)}
	shown := false
	for _, w := range open {
		g := q.find(w, key)
		g.rows = append(g.rows, taken{position, in.record.EventTime, args})
		if q.final() {
			continue
		}
		shown = shown || g.shown // its row, or the row's deletion; other groups' rows do not count
		q.changed(g, c)
		shown = shown || g.shown
	}
	if shown {
		return row.Output
	}
	return row.StateOnly
}

// windows lists those that a record is in and that still take it, and counts
// those that do not any more.
func (q *query) windows(r *row.Record) (open []span, late int64) {
	w := q.Aggregation.Window
	if w == nil {
		return []span{{}}, 0
	}
	for start := r.EventTime / w.Advance * w.Advance; start >= 0 && r.EventTime < start+w.Size; start -= w.Advance {
		if end := start + w.Size; end+w.Grace <= r.Watermark {
			late++
		} else {
			open = append(open, span{start, end})
		}
	}
	return open, late
}

func (q *query) late(i int, windows int64) {
	q.out.Late += windows
	if q.opt.LateToDeadLetter {
		q.out.DeadLetters = append(q.out.DeadLetters, row.DeadLetter{Record: i, Reason: "late: its window has closed"})
	}
}

// changed emits what a record did to its group: the group's row, or every
// group's of its window.
func (q *query) changed(g *group, c row.Change) {
	for _, other := range q.groups {
		switch {
		case other == g:
			q.show(g, c)
		case q.Aggregation.WindowScope && other.span == g.span && q.holds(other):
			q.show(other, c)
		}
	}
}

// read evaluates the record's key and arguments. What fails is NULL and
// counted, or sends the record to the dead letters.
func (q *query) read(in scope) (key []row.Value, args [][]row.Value, err error) {
	exprs := slices.Clone(q.Aggregation.GroupBy)
	for _, a := range q.Aggregation.Aggregates {
		exprs = append(exprs, a.Args...)
	}
	values, err := q.values(in, exprs)
	if err != nil && q.opt.ErrorsToDeadLetter {
		return nil, nil, err
	}
	n := len(q.Aggregation.GroupBy)
	key, values = row.AsKeys(values[:n]), values[n:]
	for _, a := range q.Aggregation.Aggregates {
		args = append(args, values[:len(a.Args)])
		values = values[len(a.Args):]
	}
	return key, args, nil
}

func (q *query) find(w span, key []row.Value) *group {
	name := placeOf(w.start, key)
	if g, ok := q.byKey[name]; ok {
		return g
	}
	g := &group{span: w, key: key}
	if q.byKey == nil {
		q.byKey = map[string]*group{}
	}
	q.byKey[name] = g
	q.groups = append(q.groups, g)
	return g
}

// placeOf is a group's window and key as one text.
func placeOf(start int64, key []row.Value) string {
	return string(row.AppendKey(nil, append([]row.Value{row.NewBigint(start)}, key...)...))
}

// passTime closes what a watermark closes.
func (q *query) passTime(i int, position, watermark int64) {
	agg := q.Aggregation
	if agg == nil || agg.Window == nil && watermark != row.FinalWatermark {
		return
	}
	closes := func(g *group) bool {
		switch w := agg.Window; {
		case watermark == row.FinalWatermark:
			return true
		case w == nil:
			return false
		case w.Kind == plan.Session:
			return g.end+w.Grace < watermark
		default:
			return g.end+w.Grace <= watermark
		}
	}
	if !slices.ContainsFunc(q.groups, closes) {
		return
	}
	var open []*group
	for _, g := range q.groups {
		if !closes(g) {
			open = append(open, g)
			continue
		}
		if q.final() {
			q.show(g, row.Change{Position: position, Phase: 0, Cause: int32(i)})
		}
		if agg.Window == nil {
			open = append(open, g)
		} else {
			q.out.ClosedWindows++
			delete(q.byKey, placeOf(g.start, g.key))
		}
	}
	q.groups = open
}

// holds reports whether HAVING holds for a group.
func (q *query) holds(g *group) bool {
	if q.Aggregation.Having == nil {
		return true
	}
	v, err := scope{query: q, group: g}.eval(q.Aggregation.Having)
	return err == nil && v.Bool()
}

// show emits a group's row; where HAVING does not hold, the deletion of a row
// that was shown, or nothing.
func (q *query) show(g *group, c row.Change) {
	out := scope{query: q, group: g}
	if h := q.Aggregation.Having; h != nil {
		if _, err := out.eval(h); err != nil {
			q.out.ExpressionErrors++
		}
	}
	if !q.holds(g) {
		q.retract(g, c)
		return
	}
	g.shown = true
	c = q.place(g, c)
	c.Step = 1
	c.Key, _ = q.values(out, q.Query.Key)
	c.Values, _ = q.values(out, q.Items)
	q.out.Changes = append(q.out.Changes, c)
}

// retract deletes a group's row, if one was shown.
func (q *query) retract(g *group, c row.Change) {
	if !g.shown {
		return
	}
	g.shown = false
	c = q.place(g, c)
	c.Key, _ = q.values(scope{query: q, group: g}, q.Query.Key)
	q.out.Changes = append(q.out.Changes, c)
}

// place says whose row a change is.
func (q *query) place(g *group, c row.Change) row.Change {
	c.Query, c.WindowStart, c.WindowEnd = uint16(q.Index), g.start, g.end
	for i, r := range g.rows {
		if i == 0 || r.time > c.Timestamp {
			c.Timestamp = r.time
		}
	}
	return c
}
