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

// group is the rows of one key in one window.
type group struct {
	start, end int64 // 0, 0 without windows
	key        []row.Value
	rows       []taken
	shown      bool
}

// taken is a row that a group took: its event time and its aggregates'
// arguments.
type taken struct {
	time int64
	args []row.Value
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
	if q.Aggregation == nil {
		return q.project(i, position, in)
	}
	return q.aggregate(i, position, in)
}

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
	c.Key, _ = q.values(in, q.Query.Key)
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

// aggregate takes the record into its group, and emits what that changes.
func (q *query) aggregate(i int, position int64, in scope) row.Disposition {
	agg := q.Aggregation
	start, end := int64(0), int64(0)
	if w := agg.Window; w != nil {
		start = in.record.EventTime / w.Size * w.Size
		end = start + w.Size
		if end+w.Grace <= in.record.Watermark {
			q.out.Late++
			if q.opt.LateToDeadLetter {
				q.out.DeadLetters = append(q.out.DeadLetters, row.DeadLetter{Record: i, Reason: "late: its window has closed"})
			}
			return row.Late
		}
	}
	key, args, err := q.read(in)
	if err != nil {
		q.out.ExpressionErrors++
		return q.dead(i, err)
	}
	g := q.find(start, end, key)
	g.rows = append(g.rows, taken{in.record.EventTime, args})
	if agg.Emit == plan.EmitFinal {
		return row.StateOnly
	}
	wasShown := g.shown
	c := row.Change{Position: position, Phase: 1, Cause: int32(i)}
	for _, other := range q.groups {
		switch {
		case other == g:
			q.show(g, c)
		case agg.WindowScope && other.start == start && q.holds(other):
			q.show(other, c)
		}
	}
	if wasShown || g.shown { // its row, or the row's deletion; other groups' rows do not count
		return row.Output
	}
	return row.StateOnly
}

// read evaluates the record's key and arguments. What fails is NULL and
// counted, or sends the record to the dead letters.
func (q *query) read(in scope) (key, args []row.Value, err error) {
	exprs := slices.Clone(q.Aggregation.GroupBy)
	for _, a := range q.Aggregation.Aggregates {
		if a.Arg == nil {
			a.Arg = &plan.Literal{} // COUNT(*) looks at no value
		}
		exprs = append(exprs, a.Arg)
	}
	values, err := q.values(in, exprs)
	if err != nil && q.opt.ErrorsToDeadLetter {
		return nil, nil, err
	}
	n := len(q.Aggregation.GroupBy)
	return values[:n:n], values[n:], nil
}

func (q *query) find(start, end int64, key []row.Value) *group {
	name := placeOf(start, key)
	if g, ok := q.byKey[name]; ok {
		return g
	}
	g := &group{start: start, end: end, key: key}
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
		return watermark == row.FinalWatermark || agg.Window != nil && g.end+agg.Window.Grace <= watermark
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
		if agg.Emit == plan.EmitFinal {
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
	c.Query, c.WindowStart, c.WindowEnd = uint16(q.Index), g.start, g.end
	for i, r := range g.rows {
		if i == 0 || r.time > c.Timestamp {
			c.Timestamp = r.time
		}
	}
	if h := q.Aggregation.Having; h != nil {
		if _, err := out.eval(h); err != nil {
			q.out.ExpressionErrors++
		}
	}
	if !q.holds(g) {
		if !g.shown {
			return
		}
		g.shown = false
		c.Key, _ = q.values(out, q.Query.Key)
		q.out.Changes = append(q.out.Changes, c)
		return
	}
	g.shown = true
	c.Step = 1
	c.Key, _ = q.values(out, q.Query.Key)
	c.Values, _ = q.values(out, q.Items)
	q.out.Changes = append(q.out.Changes, c)
}
