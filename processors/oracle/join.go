package oracle

import (
	"slices"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// join is a join of a query. It keeps all rows of both sides: on the left the rows of the
// sources before it, or of the join before it.
type join struct {
	*query
	plan.Join
	right int // its joined source
	opt   processors.Options
	rule  rule
	// watermark is the time that the join has processed; within a moment, later joins of
	// the query are behind it.
	watermark int64
	arrivals  int64
	handed    []*event
}

// rule defines the rows that a join makes of a row of one side, and of the passing of time.
type rule interface {
	take(e *event, side int) row.Disposition
	pass(watermark int64)
}

const (
	left  = 0
	right = 1
)

// newJoin returns the join of the query's n-th source.
func newJoin(q *query, n int, opt processors.Options) *join {
	j := &join{query: q, Join: q.Joins[n-1], right: n, watermark: row.NoWatermark}
	held := slices.ContainsFunc(q.From, func(in plan.Input) bool { return in.Stage >= 0 && !in.Rows.Table })
	if n == 1 && !held && q.From[0].Stage < 0 && q.From[1].Stage < 0 && q.From[0].Source != q.From[1].Source {
		j.opt = opt // it joins two topics' records, so no other query's rows hold it back
	}
	tables := 0
	for _, in := range q.From[:n] {
		if in.Rows.Table {
			tables++
		}
	}
	switch {
	case !q.From[n].Rows.Table:
		j.rule = &within{join: j}
	case tables < n:
		j.rule = &lookup{join: j, table: table{}}
	default:
		j.rule = &pairing{join: j, sides: [2]table{{}, {}}, shown: table{}}
	}
	return j
}

// run processes a moment's events of both sides: the topic's record first, then rows. In a
// join of a source with itself each row comes on the left, then on the right.
func (j *join) run(records [2]*event, rows [2][]*event, watermark int64) []*event {
	j.handed = nil
	for side, e := range records {
		if e != nil {
			j.take(e, side)
		}
	}
	for side := range rows {
		for _, e := range rows[side] {
			if j.stop.isDue() {
				break
			}
			j.take(e, side)
		}
	}
	j.rule.pass(watermark)
	j.watermark = watermark
	return j.handed
}

func (j *join) take(e *event, side int) {
	before := len(j.handed)
	j.arrivals++
	d := j.rule.take(e, side)
	for _, made := range j.handed[before:] {
		if j.right < len(j.From)-1 || j.admits(made) {
			d = max(d, row.StateOnly)
		}
	}
	j.note(d)
}

// admits reports whether WHERE lets a row through, without counting that it failed.
func (j *join) admits(e *event) bool {
	if j.Where == nil {
		return true
	}
	v, err := scope{event: e}.eval(j.Where)
	return err == nil && v.Bool()
}

// key evaluates a side's key, in the order of ON. Under on_error: dlq a failure is the
// record's end, else it is NULL.
func (j *join) key(e *event, side int) (key []row.Value, err error) {
	list := j.Left
	if side == right {
		list = j.Right
	}
	for _, expr := range list {
		v, err := scope{event: e}.eval(expr)
		if err != nil {
			j.out.ExpressionErrors++
			if j.opt.ErrorsToDeadLetter {
				return nil, err
			}
			v = row.Value{}
		}
		key = append(key, v)
	}
	return key, nil
}

// inOrder is the primary key of a table's row in the order of ON, followed by its window.
// Rows joined from tables have the key of the join that made them.
func (j *join) inOrder(e *event, side int) []row.Value {
	list, n := j.Left, 0
	if side == right {
		list, n = j.Right, j.right
	}
	var key []row.Value
	for _, expr := range list {
		at := 0
		if side == left && j.right > 1 {
			at = j.Joins[j.right-2].KeyOf(expr)
		} else {
			for _, primary := range j.From[n].Rows.Key[:expr.(*plan.Column).Index] {
				if primary {
					at++
				}
			}
		}
		key = append(key, e.key[at])
	}
	return append(key, e.key[len(list):]...)
}

// matches reports whether two keys are equal, column by column.
func matches(a, b []row.Value) bool {
	return slices.EqualFunc(a, b, equal)
}

// equal reports whether two values are; NULL and NaN equal nothing.
func equal(a, b row.Value) bool {
	if a.IsNull() || b.IsNull() {
		return false
	}
	c, ok := order(a, b)
	return ok && c == 0
}

// hand returns the joined row of two rows of a key, or of one row without a match.
func (j *join) hand(l, r *event, key []row.Value) *event {
	e := &event{sides: make([]*side, len(j.From)), record: -1, now: -1, time: row.NoWatermark, joined: row.AsKeys(key)}
	for _, one := range []*event{l, r} {
		if one == nil {
			continue
		}
		for n, s := range one.sides {
			if s != nil {
				e.sides[n] = s
			}
		}
		e.time, e.now = max(e.time, one.time), max(e.now, one.now)
		if j.Windowed {
			e.window = one.window
		}
	}
	j.handed = append(j.handed, e)
	return e
}
