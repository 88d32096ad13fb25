// Package relay hands the rows of stages on to the stages that follow them: it
// makes a batch for each such stage, and puts what the stage makes of it in its
// place in the total order of outputs.
//
// A stage's batch has a record for each row that it takes, in the order in which
// the rows were made, and one that nobody takes wherever the stage's time moves.
// So engines, routers and merge work on it as on any other.
//
// Stability: ours.
package relay

import (
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// Relay makes the batches of one stage. It remembers how far the stage is, so it
// belongs to one goroutine, which gives it every batch.
type Relay struct {
	stage  *plan.Query
	tables []*row.Table // of the inputs that are stages
	state  state.Relay

	inputs, follows []cursor
	records         []row.Record
	places          []place
	first           int64 // position of the batch's first record
	origin          int64 // position of the first record of the batch that it is made of
	settled         int64 // after the batch
}

// place is where a record of a stage's batch comes from: the record of the batch
// (-1: the flush) that caused it, and in which phase.
type place struct {
	cause int32
	phase uint8
}

// cursor goes along the rows of a stage.
type cursor struct {
	rows []row.Change
	next int
}

// take returns the next row at (position, phase), nil after the last one.
func (c *cursor) take(position int64, phase uint8) *row.Change {
	if c.next == len(c.rows) {
		return nil
	}
	r := &c.rows[c.next]
	if r.Position != position || r.Phase != phase {
		return nil
	}
	c.next++
	return r
}

// New returns the Relay of a stage that follows others.
func New(stage *plan.Query) *Relay {
	r := &Relay{
		stage: stage, tables: make([]*row.Table, len(stage.Inputs)),
		inputs: make([]cursor, len(stage.Inputs)), follows: make([]cursor, len(stage.Follows)),
	}
	for i, in := range stage.Inputs {
		if in.Stage >= 0 {
			r.tables[i] = row.NewTable(in.Rows, 0)
		}
	}
	r.Restore(state.Relay{})
	return r
}

// Snapshot returns how far the stage is, and Restore sets it.
func (r *Relay) Snapshot() state.Relay { return r.state.Clone() }

// Restore goes on from where a Snapshot was taken; the zero value is the start.
func (r *Relay) Restore(s state.Relay) {
	r.state = s.Clone()
	if r.state.Rows == nil {
		r.state.Watermark, r.state.Now = row.NoWatermark, -1
		r.state.Rows, r.state.Seen = make([]int64, len(r.inputs)), make([]int64, len(r.follows))
		for i := range r.state.Seen {
			r.state.Seen[i] = row.NoWatermark
		}
	}
}

// Batch makes the stage's batch of one that all stages before it have taken: made
// says what a stage made of that. It lies in the Relay's memory, and in that of b
// and the rows, and is good until the next call.
func (r *Relay) Batch(b *row.Batch, made func(stage int) Made) *row.Batch {
	r.records, r.places = r.records[:0], r.places[:0]
	r.first, r.origin = r.state.Next, b.First
	tables := make([]*row.Table, len(r.stage.Inputs))
	for i, in := range r.stage.Inputs {
		if in.Stage < 0 {
			r.inputs[i], tables[i] = cursor{}, b.Table(in.Source)
			continue
		}
		r.inputs[i] = cursor{rows: made(in.Stage).Rows}
		r.tables[i].Reset()
		tables[i] = r.tables[i]
	}
	for i, s := range r.stage.Follows {
		r.follows[i] = cursor{rows: made(s).Rows}
	}
	for i := range b.Len() {
		rec := b.Record(i)
		r.state.Now = rec.Now
		at := place{cause: int32(i)}
		r.take(at, rec)
		r.advance(at, rec)
		at.phase = 1
		r.pass(at, rec)
		r.take(at, rec)
		r.advance(at, rec)
	}
	var own *row.Batch
	if b.Flush() {
		r.take(place{cause: -1}, &row.Record{Source: -1, Now: r.state.Now})
		r.state.Next += int64(len(r.records)) + 1 // what the flush closes has a position
		own, r.settled = row.NewLast(b.Seq, r.first, r.records, tables), Settled(r.stage, row.FinalWatermark, made)
	} else {
		r.state.Next += int64(len(r.records))
		own, r.settled = row.NewBatch(b.Seq, r.first, r.records, tables), Settled(r.stage, r.state.Watermark, made)
	}
	own.Settle(settledBefore(r.stage, made))
	return own
}

// Settled is Made.Settled of the stage after the last batch.
func (r *Relay) Settled() int64 { return r.settled }

func (r *Relay) position(at place) int64 {
	if at.cause < 0 {
		return r.origin
	}
	return r.origin + int64(at.cause)
}

// pass hands a topic's record on, where the stage takes that.
func (r *Relay) pass(at place, rec *row.Record) {
	if rec.State == row.Undecodable {
		return
	}
	for i, in := range r.stage.Inputs {
		if in.Stage < 0 && int32(in.Source) == rec.Source {
			r.records, r.places = append(r.records, *rec), append(r.places, at)
			last := &r.records[len(r.records)-1]
			last.Source, last.Watermark = int32(i), r.state.Watermark
		}
	}
}

// take makes records of the rows that the stages before made at a place.
func (r *Relay) take(at place, rec *row.Record) {
	position := r.position(at)
	for i := range r.inputs {
		for c := r.inputs[i].take(position, at.phase); c != nil; c = r.inputs[i].take(position, at.phase) {
			r.add(i, at, c, rec)
		}
	}
}

// add makes a record of a row.
func (r *Relay) add(i int, at place, c *row.Change, rec *row.Record) {
	rows := r.stage.Inputs[i].Rows
	out := row.Record{
		TopicPartition: row.TopicPartition{Topic: rows.Topic},
		Offset:         r.state.Rows[i], Timestamp: c.Timestamp, EventTime: c.Timestamp,
		Watermark: r.state.Watermark, Now: rec.Now, Source: int32(i),
	}
	if c.Deleted() {
		out.State = row.NullValue
	}
	r.state.Rows[i]++
	out.Row = int32(appendRow(r.tables[i], r.stage.Inputs[i], c))
	r.records, r.places = append(r.records, out), append(r.places, at)
}

// appendRow appends the columns of a row: its values, or, of a deletion, the key's;
// what of the key is not among the values; its window.
func appendRow(t *row.Table, in plan.Input, c *row.Change) int {
	for j, column := range t.Columns {
		if column == nil {
			continue
		}
		switch of := in.Columns[j]; {
		case of.Value >= 0 && !c.Deleted():
			column.AppendValue(c.Values[of.Value])
		case of.Key >= 0:
			column.AppendValue(c.Key[of.Key])
		case of.Bound == plan.StartBound:
			column.AppendInt64(c.WindowStart)
		case of.Step:
			column.AppendInt64(int64(c.Step))
		case of.Bound == plan.EndBound:
			column.AppendInt64(c.WindowEnd)
		default:
			column.AppendNull()
		}
	}
	return t.EndRow()
}

// advance moves the stage's time after it has taken what there was at a place: to
// the smallest of the source's and of those that the streams before it have reached.
func (r *Relay) advance(at place, rec *row.Record) {
	watermark := rec.Watermark
	if len(r.follows) > 0 {
		held, position := int64(row.NoWatermark), r.position(at)
		for i := range r.follows {
			for c := r.follows[i].take(position, at.phase); c != nil; c = r.follows[i].take(position, at.phase) {
				r.state.Seen[i] = max(r.state.Seen[i], c.Timestamp)
			}
			// One that has made nothing yet takes no part.
			if seen := r.state.Seen[i]; seen != row.NoWatermark && (held == row.NoWatermark || seen < held) {
				held = seen
			}
		}
		watermark = min(watermark, held)
	}
	if watermark <= r.state.Watermark {
		return
	}
	r.state.Watermark = watermark
	r.records = append(r.records, row.Record{Source: -1, Row: -1, EventTime: -1, Timestamp: -1, Watermark: watermark, Now: rec.Now})
	r.places = append(r.places, at)
}

// Place gives the rows that the stage made of the last batch, in its order, their
// places in the order of the batch that it was made of. Those of a query's last
// stage, and of one that is asked for them in order, are sorted into the total order
// of outputs; others stay in the order in which they were made.
func (r *Relay) Place(rows []row.Change) {
	for i := range rows {
		c := &rows[i]
		at := place{cause: -1}
		if k := c.Position - r.first; k < int64(len(r.places)) {
			at = r.places[k]
		}
		c.Position, c.Phase, c.Cause = r.position(at), at.phase, at.cause
	}
	if r.stage.Hidden && !r.stage.Ordered {
		return
	}
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].Position == rows[from].Position && rows[to].Phase == rows[from].Phase {
			to++
		}
		arrange(rows[from:to])
		from = to
	}
}

// Dispositions says of each record of the batch that the last one was made of what
// the stage did with the rows that the record itself, not the time that it moved,
// made: the strongest.
func (r *Relay) Dispositions(to, from []row.Disposition) {
	for k, d := range from {
		if at := r.places[k]; at.phase == 1 && at.cause >= 0 {
			to[at.cause] = max(to[at.cause], d)
		}
	}
}
