package oracle

import "parallax/processors/row"

// event is a row that a query reads, or that one of its joins makes.
type event struct {
	// sides are the rows of the query's sources; nil where there is none: not joined yet,
	// or an outer join without a match.
	sides []*side
	// time is the event time, in ms; now is the value of NOW().
	time, now int64
	// null: the row has no value, only key columns or not even those.
	null bool
	// key is a table's row's: its primary key, and its window.
	key []row.Value
	// window is the window of a windowed source's row, or of rows joined from such sources.
	window span
	// joined is the key of a joined row, by which its sides were joined.
	joined []row.Value
	// record is the index of the topic's record in the batch; -1 for a row that a query
	// made.
	record int
}

// side is a row of a source with its origin: its columns, NULL where no query needs them.
type side struct {
	values []row.Value
	from   row.Record
}

// alone returns an event with one source's row.
func (q *query) alone(n int, s *side, record int) *event {
	e := &event{sides: make([]*side, len(q.From)), time: s.from.EventTime, now: s.from.Now, null: s.from.State == row.NullValue, record: record}
	e.sides[n] = s
	if k := len(s.values); q.From[n].Rows.Windowed {
		e.window = span{s.values[k-2].Int64(), s.values[k-1].Int64()}
	}
	if rows := q.From[n].Rows; rows.Table {
		for i, key := range rows.Key {
			if key {
				e.key = append(e.key, s.values[i].AsKey())
			}
		}
	}
	return e
}

// ofTopic reads record i of a batch.
func ofTopic(b *row.Batch, i int) *side {
	r := b.Record(i)
	s := &side{from: *r}
	for _, column := range b.Table(int(r.Source)).Columns {
		var v row.Value
		if column != nil {
			v = column.Value(int(r.Row))
		}
		s.values = append(s.values, v)
	}
	return s
}

// ofQuery converts a row that another query made to a source's row: it is the n-th such
// row, made at a moment.
func (q *query) ofQuery(input int, c *row.Change, n int64, at moment) *side {
	in := q.From[input]
	s := &side{values: make([]row.Value, len(in.Columns))}
	s.from = row.Record{
		TopicPartition: row.TopicPartition{Topic: in.Rows.Topic}, Offset: n,
		Timestamp: c.Timestamp, EventTime: c.Timestamp, Now: at.now,
	}
	if c.Deleted() {
		s.from.State = row.NullValue
	}
	for i, column := range in.Columns {
		switch {
		case column.Bound != 0:
			s.values[i] = row.NewBigint(bound(c, column.Bound))
		case column.Value >= 0 && !c.Deleted():
			s.values[i] = c.Values[column.Value]
		case column.Key >= 0:
			s.values[i] = c.Key[column.Key]
		}
	}
	return s
}
