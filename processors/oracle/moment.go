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
	// watermark is the source's, in ms; now is the value of NOW().
	watermark, now int64
}

// live processes a moment: the query reads the topics' record and the rows of the queries
// before it, then its own time advances.
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

// asRecords returns the rows as a reader of the query's topic sees them. With a timestamp=
// column they have that column's times; a row without a time is not a record.
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

// flow passes a moment's events from join to join and advances time. Each join processes
// the rows of the join before it, and then its time advances.
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

// reached is the query's own time: the source's, limited by the slowest of the streams
// before it that have made rows. If no such stream has made a row, there is no time yet.
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

// note keeps the strongest disposition of a record. Effects of time do not count for the
// record that advanced it.
func (q *query) note(d row.Disposition) {
	if q.at.phase == 1 {
		if q.Limit != nil && d == row.Output {
			d = row.StateOnly // unless LIMIT lets its rows through
		}
		of := &q.out.Dispositions[q.at.cause]
		*of = max(*of, d)
	}
}

// emit adds a row to the query's output at this moment.
func (q *query) emit(c row.Change) {
	c.Position, c.Phase, c.Cause, c.Query = q.at.position, q.at.phase, q.at.cause, uint16(q.Index)
	q.made = append(q.made, c)
}

// arranged sorts the rows of a moment, which are in the order in which they were made, into
// the order of outputs. Rows of one key and window keep their order, and none of them gets
// a step before an earlier one's.
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

// bound returns a bound of a row's window.
func bound(c *row.Change, which plan.Bound) int64 {
	if which == plan.StartBound {
		return c.WindowStart
	}
	return c.WindowEnd
}
