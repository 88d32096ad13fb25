package oracle

import (
	"slices"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// query is a query of the plan with all rows that it has read.
type query struct {
	*plan.Query
	opt  processors.Options
	out  *row.Outcome
	stop *interrupt
	// before are the queries whose rows it reads, nil for a topic; taken counts those rows
	// and largest is their largest timestamp, by source.
	before         []*query
	joins          []*join
	taken, largest []int64
	// at is the current moment, made the rows of this moment.
	at   moment
	made []row.Change
	// watermark is the query's own; arrivals counts the rows that it has read.
	watermark, arrivals int64
	groups              []*group
	// byKey finds a group; it has the same groups as groups.
	byKey map[string]*group
	// rows are the records that OVER has read, by partition.
	rows map[string][]seen
	// tuples are the rows that DISTINCT has emitted.
	tuples [][]row.Value
	// emitted is the number of rows that LIMIT has let pass.
	emitted int64
	// projected are the rows of a table that are shown, entries those that are in a
	// group, by primary key.
	projected table
	entries   map[string]*entry
}

// span is a window; 0 to 0 if there are no windows.
type span struct{ start, end int64 }

// group is the rows of one key in one window.
type group struct {
	span
	key   []row.Value
	rows  []taken // in input order
	past  []taken // that have left it, as a table's do
	shown bool
}

// taken is a row of a group: its number among the query's rows, its event time and the
// arguments of each aggregate.
type taken struct {
	arrival, time int64
	args          [][]row.Value
}

// act processes a row.
func (q *query) act(e *event) row.Disposition {
	q.arrivals++
	in := scope{event: e}
	if q.ofTables() {
		return q.change(in)
	}
	if e.null && (q.Aggregation != nil || q.Where != nil) {
		return row.Filtered
	}
	if q.Where != nil {
		v, err := in.eval(q.Where)
		if err != nil {
			q.out.ExpressionErrors++
			if q.opt.ErrorsToDeadLetter {
				return q.dead(e, err)
			}
			return row.Filtered
		}
		if v.IsNull() || !v.Bool() {
			return row.Filtered
		}
	}
	switch {
	case q.Distinct:
		return q.distinct(in)
	case q.Over != nil:
		return q.over(in)
	case len(q.Explode) > 0:
		return q.explode(in)
	case q.Aggregation != nil:
		return q.aggregate(in)
	}
	return q.project(in)
}

// final reports whether the query is EMIT FINAL.
func (q *query) final() bool { return q.Aggregation.Emit == plan.EmitFinal }

func (q *query) dead(e *event, err error) row.Disposition {
	q.out.DeadLetters = append(q.out.DeadLetters, row.DeadLetter{Record: e.record, Reason: err.Error()})
	return row.Failed
}

// project emits the row of an event.
func (q *query) project(in scope) row.Disposition {
	c := row.Change{Step: 1, Timestamp: in.event.time}
	if !in.event.null {
		values, err := q.values(in, q.Items)
		if err != nil && q.opt.ErrorsToDeadLetter {
			q.out.ExpressionErrors++
			return q.dead(in.event, err)
		}
		c.Values = values
	}
	key, err := q.rowKey(in)
	if err != nil && q.opt.ErrorsToDeadLetter {
		q.out.ExpressionErrors++
		return q.dead(in.event, err)
	}
	c.Key = key
	q.emitIn(in.event, c)
	return row.Output
}

// values evaluates a tuple. An expression that fails is NULL and counted, unless the record
// becomes a dead letter for it.
func (q *query) values(in scope, list []plan.Expr) (values []row.Value, failed error) {
	for _, e := range list {
		v, err := in.eval(e)
		if err != nil {
			if failed == nil {
				failed = err
			}
			if in.event == nil || !q.opt.ErrorsToDeadLetter {
				q.out.ExpressionErrors++
			}
			v = row.Value{}
		}
		values = append(values, v)
	}
	return values, failed
}

// aggregate adds the record to its groups, and emits the changed rows.
func (q *query) aggregate(in scope) row.Disposition {
	if w := q.Aggregation.Window; w != nil && w.Kind == plan.Session {
		return q.session(in)
	}
	open, late := q.windows(in.event.time)
	if late > 0 {
		q.late(in.event, late)
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
		return q.dead(in.event, err)
	}
	shown := false
	for _, w := range open {
		if q.stop.isDue() {
			break
		}
		g := q.find(w, key)
		g.rows = append(g.rows, taken{q.arrivals, in.event.time, args})
		if q.final() {
			continue
		}
		shown = shown || g.shown // only the rows of its own group count
		q.changed(g)
		shown = shown || g.shown
	}
	if shown {
		return row.Output
	}
	return row.StateOnly
}

// windows lists the open windows of a record, and counts those that are closed for it.
func (q *query) windows(at int64) (open []span, late int64) {
	w := q.Aggregation.Window
	if w == nil {
		return []span{{}}, 0
	}
	for start := at / w.Advance * w.Advance; start >= 0 && at-start < w.Size; start -= w.Advance {
		if end := row.AddTime(start, w.Size); row.AddTime(end, w.Grace) <= q.watermark {
			late++
		} else {
			open = append(open, span{start, end})
		}
	}
	return open, late
}

func (q *query) late(e *event, windows int64) {
	q.out.Late += windows
	if q.opt.LateToDeadLetter {
		q.out.DeadLetters = append(q.out.DeadLetters, row.DeadLetter{Record: e.record, Reason: "late: its window has closed"})
	}
}

// changed emits the effect of a record on its group: the group's row, or the rows of all
// groups in its window.
func (q *query) changed(g *group) {
	if !q.Aggregation.WindowScope {
		q.show(g)
		return
	}
	for _, other := range q.groups {
		if q.stop.isDue() {
			return
		}
		switch {
		case other == g:
			q.show(g)
		case other.span == g.span && q.holds(other):
			q.show(other)
		}
	}
}

// read evaluates the record's key and arguments. One that fails is NULL and counted, or
// makes the record a dead letter.
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

// forget removes a group.
func (q *query) forget(g *group) {
	delete(q.byKey, placeOf(g.start, g.key))
	q.groups = slices.DeleteFunc(q.groups, func(o *group) bool { return o == g })
}

// placeOf encodes a group's window and key as one text.
func placeOf(start int64, key []row.Value) string {
	return string(row.AppendKey(nil, append([]row.Value{row.NewBigint(start)}, key...)...))
}

// passTime closes the windows that end by a watermark.
func (q *query) passTime(watermark int64) {
	q.watermark = watermark
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
			return row.AddTime(g.end, w.Grace) < watermark
		default:
			return row.AddTime(g.end, w.Grace) <= watermark
		}
	}
	if !slices.ContainsFunc(q.groups, closes) {
		return
	}
	var open []*group
	for _, g := range q.groups {
		if q.stop.isDue() {
			return
		}
		if !closes(g) {
			open = append(open, g)
			continue
		}
		if q.final() {
			q.show(g)
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

// holds reports whether a group fulfils HAVING.
func (q *query) holds(g *group) bool {
	if q.Aggregation.Having == nil {
		return true
	}
	v, err := scope{query: q, group: g}.eval(q.Aggregation.Having)
	return err == nil && v.Bool()
}

// show emits a group's row. If the group does not fulfil HAVING, it emits the deletion of a
// row that was emitted before, or nothing.
func (q *query) show(g *group) { q.showIn(g, 1) }

func (q *query) showIn(g *group, step uint8) {
	out := scope{query: q, group: g}
	if h := q.Aggregation.Having; h != nil {
		if _, err := out.eval(h); err != nil {
			q.out.ExpressionErrors++
		}
	}
	if !q.holds(g) {
		q.retract(g)
		return
	}
	g.shown = true
	c := q.place(g)
	c.Step = step
	c.Key, _ = q.values(out, q.Query.Key)
	c.Values, _ = q.values(out, q.Items)
	q.emit(c)
}

// retract emits the deletion of a group's row, if one was emitted.
func (q *query) retract(g *group) {
	if !g.shown {
		return
	}
	g.shown = false
	c := q.place(g)
	c.Key, _ = q.values(scope{query: q, group: g}, q.Query.Key)
	q.emit(c)
}

// place returns a change with the key and window of a group.
func (q *query) place(g *group) row.Change {
	c := row.Change{WindowStart: g.start, WindowEnd: g.end}
	for i, r := range slices.Concat(g.rows, g.past) {
		if i == 0 || r.time > c.Timestamp {
			c.Timestamp = r.time
		}
	}
	return c
}
