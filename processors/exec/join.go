package exec

import (
	"parallax/processors/plan"
	"parallax/processors/row"
)

// join matches the rows of two streams by key and time. What it keeps of a key are
// the rows of both sides whose windows are open.
type join struct {
	joinSides
	// A row whose time is more than late behind the watermark is late. grace is how
	// much longer than its window a row is kept.
	late, grace int64
	// eager says that a row of an outer side comes alone at once, and may match later.
	eager bool

	made joinedRows
	kept keptRows
	mine joinRow // scratch: the row that acts
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
	j := &join{joinSides: joinSides{opt: opt}, late: row.AddTime(w.Size(), w.Kept()), grace: w.Kept(), eager: w.Grace < 0}
	if err := j.compile(q); err != nil {
		return nil, err
	}
	left, right := &j.sides[plan.LeftSide], &j.sides[plan.RightSide]
	left.before, left.after, right.before, right.after = w.Before, w.After, w.After, w.Before
	for i := range j.sides {
		s := &j.sides[i]
		j.kept.sides[i] = keptSide{
			stay: row.AddTime(s.after, j.grace), tells: s.outer && !j.eager,
			slack: row.AddTime(max(s.after, 0), j.grace) / lingering,
			width: len(s.values),
		}
	}
	return j, j.made.compile(q, def.Row)
}

func (j *join) begin(b *row.Batch, out *Result) {
	j.joinSides.begin(b, out)
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
		j.made.alone(c.side, c.key.Values, c.row, at)
	}
	j.kept.release(closed)
}

// act takes a row: it comes out with each match, or alone, and is kept while others
// may match it.
func (j *join) act(i int, position int64, hash uint64, hashed bool) row.Disposition {
	own, s := j.at(i)
	rec := s.env.Record
	if rec.State == row.NullValue {
		return row.Filtered
	}
	if row.AddTime(rec.EventTime, j.late) < rec.Watermark {
		j.out.Late++
		if j.opt.LateToDeadLetter {
			j.out.DeadLetters = append(j.out.DeadLetters, row.DeadLetter{Record: i, Reason: lateReason})
		}
		return row.Late
	}
	hash, joins, d, ok := j.evaluate(s, i, hash, hashed)
	if !ok {
		return d
	}
	mine := &j.mine
	mine.time, mine.now, mine.arrival, mine.matched = rec.EventTime, s.rowNow(), position, false
	s.read(mine)

	at := joinPlace{position: position, phase: 1, cause: int32(i)}
	j.made.group++
	k := j.kept.find(hash, j.tuple)
	if k != nil && joins {
		j.match(k, own, at, rec.Watermark)
	}
	open := row.AddTime(mine.time, j.kept.sides[own].stay) >= rec.Watermark
	if s.outer && !mine.matched && (j.eager || !open) {
		j.made.alone(own, j.tuple, mine, at)
	}
	if !open || !joins && j.eager {
		return row.Filtered // unless it comes out
	}
	if k == nil {
		k = j.kept.add(hash, j.tuple)
	}
	j.kept.byKey.touch(k)
	if k.Data.empty() { // also where it had rows once
		k.Data.partition = homeOf(rec)
	}
	j.kept.keep(k, own, mine)
	return row.StateOnly
}

// match lets the row that acts out with each row of the other side whose window is
// open, by time and then arrival.
func (j *join) match(k *row.Key[joinKey], own int, at joinPlace, watermark int64) {
	s, mine := &j.sides[own], &j.mine
	from := max(row.AddTime(mine.time, -s.before), row.AddTime(watermark, -j.kept.sides[1-own].stay))
	to := row.AddTime(mine.time, s.after)
	rows := k.Data.rows[1-own].list()
	for _, theirs := range rows[firstFrom(rows, from):] {
		if theirs.time > to {
			return
		}
		if !theirs.matched {
			j.kept.byKey.touch(k)
			theirs.matched = true
		}
		mine.matched = true
		var pair [2]*joinRow
		pair[own], pair[1-own] = mine, theirs
		j.made.add(k.Values, pair, at)
	}
}
