package oracle

import (
	"cmp"
	"slices"

	"parallax/processors/plan"
	"parallax/processors/row"
)

// moment is a phase of a record: phase 0 lets time pass up to it, in phase 1 it
// acts. The flush is a phase 0 without a record.
type moment struct {
	position int64
	phase    uint8
	cause    int32 // index of the record in its batch, -1 for the flush
	// watermark is the source's, in ms; now what NOW() gives.
	watermark, now int64
}

// live lets a moment pass: the query takes what there is of the topics, that is the
// record, and of the queries before it, then its own time advances.
func (q *query) live(at moment, b *row.Batch) {
	q.at, q.made = at, nil
	records, rows := make([]*event, len(q.From)), make([][]*event, len(q.From))
	for n, in := range q.From {
		if in.Stage >= 0 {
			for _, c := range q.before[n].made {
				if q.stop.isDue() {
					return
				}
				rows[n] = append(rows[n], q.alone(n, q.ofQuery(n, &c, q.taken[n], at), -1))
				q.taken[n]++
			}
			continue
		}
		if at.phase == 1 && b.Record(int(at.cause)).State != row.Undecodable && int(b.Record(int(at.cause)).Source) == in.Source {
			records[n] = q.alone(n, ofTopic(b, int(at.cause)), int(at.cause))
		}
	}
	q.flow(records, rows, q.reached())
	q.made = q.limited(arranged(q.made))
	q.out.Changes = append(q.out.Changes, q.made...)
	q.made = q.asRecords(q.made)
}

// asRecords are rows as who reads the query's topic has them: under a timestamp=
// column with the times that it has. One that has none there is no record.
func (q *query) asRecords(rows []row.Change) []row.Change {
	var records []row.Change
	for _, c := range rows {
		at, err := q.Sink.TimeOf(&c)
		if err == nil {
			c.Timestamp = at
			records = append(records, c)
		}
	}
	return records
}

// flow takes what a moment has from source to source, and lets time pass. What each
// step makes the next one takes before time passes for it.
func (q *query) flow(records []*event, rows [][]*event, watermark int64) {
	first, rest := records[0], rows[0]
	for _, j := range q.joins {
		n := j.right
		first, rest = nil, j.run([2]*event{first, records[n]}, [2][]*event{rest, rows[n]}, watermark)
	}
	if first != nil {
		rest = append([]*event{first}, rest...)
	}
	for _, e := range rest {
		if q.stop.isDue() {
			return
		}
		q.note(q.act(e))
	}
	q.passTime(watermark)
}

// reached is the query's own time: the source's, but no more than what the slowest of
// the streams before it has reached, of those that have made something. With such
// streams that have all made nothing, it has none.
func (q *query) reached() int64 {
	held, streams := int64(row.NoWatermark), false
	for n, in := range q.From {
		if in.Stage < 0 || in.Rows.Table {
			continue
		}
		streams = true
		largest := &q.largest[n]
		for _, c := range q.before[n].made {
			*largest = max(*largest, c.Timestamp)
		}
		if *largest != row.NoWatermark && (held == row.NoWatermark || *largest < held) {
			held = *largest
		}
	}
	if !streams || q.at.cause < 0 {
		return q.at.watermark
	}
	return max(q.watermark, min(held, q.at.watermark))
}

// note keeps the strongest of what became of a record. What time did says nothing of
// the record that moved it.
func (q *query) note(d row.Disposition) {
	if q.at.phase == 1 {
		if q.Limit != nil && d == row.Output {
			d = row.StateOnly // unless LIMIT lets its rows through
		}
		of := &q.out.Dispositions[q.at.cause]
		*of = max(*of, d)
	}
}

// emit adds a row to what the query makes at this moment.
func (q *query) emit(c row.Change) {
	c.Position, c.Phase, c.Cause, c.Query = q.at.position, q.at.phase, q.at.cause, uint16(q.Index)
	q.made = append(q.made, c)
}

// arranged puts the rows of a moment, in the order in which they were made, into the
// order of outputs. The rows of one key and window tell of one thing that changes:
// they keep their order, and none of them is a step before one that was made earlier.
func arranged(rows []row.Change) []row.Change {
	last := map[string]*row.Change{}
	for i := range rows {
		c := &rows[i]
		name := placeOf(c.WindowStart, append([]row.Value{row.NewBigint(c.WindowEnd)}, c.Key...))
		c.Ordinal = 0
		if before := last[name]; before != nil {
			c.Ordinal, c.Step = before.Ordinal+1, max(before.Step, c.Step)
		}
		last[name] = c
	}
	slices.SortFunc(rows, func(a, b row.Change) int {
		return cmp.Or(
			cmp.Compare(a.Step, b.Step), cmp.Compare(a.WindowEnd, b.WindowEnd), cmp.Compare(a.WindowStart, b.WindowStart),
			row.CompareKeys(a.Key, b.Key), cmp.Compare(a.Ordinal, b.Ordinal),
		)
	})
	return rows
}

// bound is one of the bounds of a row's window.
func bound(c *row.Change, which plan.Bound) int64 {
	if which == plan.StartBound {
		return c.WindowStart
	}
	return c.WindowEnd
}
