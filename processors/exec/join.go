package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// join matches the rows of two streams by key and time. What it keeps of a key are
// the rows of both sides whose windows are open.
type join struct {
	sides [2]joinSide
	// size is how far apart in time the matches of one row may be, grace how much
	// longer than its window a row is kept.
	size, grace int64
	// eager says that a row of an outer side comes alone at once, and may match later.
	eager bool
	opt   Options

	batch *row.Batch
	out   *Result
	made  joinedRows

	kept keptRows
	// scratch: the key and the row that acts
	tuple [1]row.Value
	mine  joinRow
}

// joinSide is what is known of a side's rows.
type joinSide struct {
	source int32
	// A row at t matches the other side's rows from t - before to t + after.
	before, after int64
	// outer says that rows come out without a match too.
	outer bool
	key   keyPart
	// values are what a joined row has of the side.
	values []keyPart
	env    env
}

// joinRow is a row of a side.
type joinRow struct {
	time int64 // of the event, in ms
	now  int64 // its NOW(), in ms; below 0 for none
	// arrival is its position.
	arrival int64
	matched bool
	values  []row.Value
}

func newJoin(q *plan.Query, opt Options) (*join, error) {
	def := &q.Joins[0]
	w := def.Within
	j := &join{size: w.Size(), grace: w.Kept(), eager: w.Grace < 0, opt: opt}
	left, right := &j.sides[plan.LeftSide], &j.sides[plan.RightSide]
	left.source, left.before, left.after = int32(q.Source), w.Before, w.After
	right.source, right.before, right.after = int32(def.Source), w.After, w.Before
	left.outer, right.outer = def.Outer()
	for i, e := range []plan.Expr{def.Left, def.Right} {
		s := &j.sides[i]
		if err := s.compile(e, def.Row, i); err != nil {
			return nil, err
		}
		j.kept.sides[i] = keptSide{
			stay: s.after + j.grace, tells: s.outer && !j.eager, slack: (max(s.after, 0) + j.grace) / patience,
			width: len(s.values),
		}
	}
	return j, j.made.compile(q, def.Row)
}

func (s *joinSide) compile(key plan.Expr, columns []plan.JoinedColumn, side int) error {
	parts, err := compileKey([]plan.Expr{foldLiterals(key)})
	if err != nil {
		return err
	}
	s.key = parts[0]
	var list []plan.Expr
	for _, c := range columns {
		if c.Side == side {
			list = append(list, c.Of)
		}
	}
	s.values, err = compileKey(list)
	return err
}

func (j *join) begin(b *row.Batch, out *Result) {
	j.batch, j.out = b, out
	for i := range j.sides {
		s := &j.sides[i]
		s.env.batch, s.env.table = b, b.Table(int(s.source))
	}
	j.made.begin(out)
}

func (j *join) end() { j.made.flush() }

func (j *join) keys() int64 { return j.kept.keys() }

func (j *join) nextClose() int64 { return j.kept.due() }

// advance lets rows go that nothing can match any more: those of an outer side that
// nothing has come out alone, by key, time and arrival.
func (j *join) advance(i int, position, watermark int64) {
	at := joinPlace{position: position, cause: int32(i)}
	closed := j.kept.advance(watermark)
	for n := range closed {
		c := &closed[n]
		if n == 0 || closed[n-1].key != c.key {
			j.made.group++
		}
		j.made.alone(c.side, c.key.Values[0], c.row, at)
	}
	j.kept.release(closed)
}

// act takes a row: it comes out with each match, or alone, and is kept while others
// may match it.
func (j *join) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	own := plan.LeftSide
	if j.batch.Record(i).Source != j.sides[own].source {
		own = plan.RightSide
	}
	s := &j.sides[own]
	s.env.at(i)
	rec := s.env.record
	if rec.State == row.NullValue {
		return row.Filtered
	}
	if rec.EventTime+j.size+j.grace < rec.Watermark {
		j.out.Late++
		if j.opt.LateToDeadLetter {
			j.out.DeadLetters = append(j.out.DeadLetters, row.DeadLetter{Record: i, Reason: lateReason})
		}
		return row.Late
	}
	key, err := s.key.value(&s.env)
	if err != nil {
		if j.opt.ErrorsToDeadLetter {
			return j.out.refuse(i, err)
		}
		j.out.ExpressionErrors++
		key = row.Value{}
	}
	joins := equalsItself(key)
	if !joins && !s.outer {
		return row.Filtered
	}
	j.tuple[0] = key.AsKey()
	if !hashed {
		hash = row.Hash(j.tuple[:])
	}
	mine := &j.mine
	mine.time, mine.now, mine.arrival, mine.matched = rec.EventTime, rec.Now, position, false
	s.read(mine)

	at := joinPlace{position: position, phase: 1, cause: int32(i)}
	j.made.group++
	k := j.kept.find(hash, j.tuple[:])
	if k != nil && joins {
		j.match(k, own, at, rec.Watermark)
	}
	open := mine.time+s.after+j.grace >= rec.Watermark
	if s.outer && !mine.matched && (j.eager || !open) {
		j.made.alone(own, j.tuple[0], mine, at)
	}
	if !open || !joins && j.eager {
		return row.Filtered // unless it comes out
	}
	if k == nil {
		k = j.kept.add(hash, j.tuple[:], homeOf(rec))
	}
	j.kept.keep(k, own, mine)
	return row.StateOnly
}

// match lets the row that acts out with each row of the other side whose window is
// open, by time and then arrival.
func (j *join) match(k *row.Key[joinKey], own int, at joinPlace, watermark int64) {
	s, mine := &j.sides[own], &j.mine
	from := mine.time - s.before
	if watermark != row.NoWatermark {
		from = max(from, watermark-j.kept.sides[1-own].stay)
	}
	rows := k.Data.rows[1-own].list()
	for _, theirs := range rows[firstFrom(rows, from):] {
		if theirs.time > mine.time+s.after {
			return
		}
		mine.matched, theirs.matched = true, true
		var pair [2]*joinRow
		pair[own], pair[1-own] = mine, theirs
		j.made.add(k.Values[0], pair, at)
	}
}

// read evaluates what a joined row has of the record. System columns and columns as
// they are do not fail.
func (s *joinSide) read(r *joinRow) {
	r.values = r.values[:0]
	for i := range s.values {
		v, _ := s.values[i].value(&s.env)
		r.values = append(r.values, v)
	}
}

// value evaluates a part of a key.
func (p *keyPart) value(n *env) (row.Value, error) {
	if p.column >= 0 {
		return n.table.Columns[p.column].Value(n.row), nil
	}
	return p.f(n)
}

// equalsItself reports whether a value matches anything: NULL and NaN do not.
func equalsItself(v row.Value) bool {
	if v.Kind() == row.Double {
		return v.Float64() == v.Float64()
	}
	return !v.IsNull()
}
