// Package relay passes the rows of stages on to the stages that follow them: it builds a
// batch for each such stage, and puts the stage's rows in their places in the total order
// of outputs.
//
// The batch of a stage has a record for each row that the stage reads, in the order in
// which the rows were made. Where the stage's time advances, it has a record that no query
// reads, with the new watermark. So engines, routers and merge process it like a batch of a
// topic.
//
// Stability: ours.
package relay

import (
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// Relay builds the batches of one stage. It keeps the stage's progress, so it must be
// called for every batch, on one goroutine.
type Relay struct {
	stage  *plan.Query
	tables []*row.Table // for the inputs that are stages
	state  state.Relay

	inputs, follows []cursor
	records         []row.Record
	places          []place
	first           int64 // position of the first record of the stage's batch
	origin          int64 // position of the first record of the topics' batch
	settled         int64 // after the batch
}

// place is the origin of a record of a stage's batch: the record of the topics' batch that
// caused it (-1: the flush), and the phase.
type place struct {
	cause int32
	phase uint8
}

// cursor reads the rows of a stage in order.
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

// New returns the Relay of a stage that follows other stages.
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

// Snapshot returns the stage's progress; Restore sets it.
func (r *Relay) Snapshot() state.Relay { return r.state.Clone() }

// Restore continues after a Snapshot; the zero value is the start.
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

// Batch builds the stage's batch for a batch of the topics, once all stages before it have
// processed that. output returns a stage's output for it. The result shares the memory of
// the Relay, of b and of the rows, and is valid until the next call.
func (r *Relay) Batch(b *row.Batch, output func(stage int) Output) *row.Batch {
	r.records, r.places = r.records[:0], r.places[:0]
	r.first, r.origin = r.state.Next, b.First
	tables := make([]*row.Table, len(r.stage.Inputs))
	for i, in := range r.stage.Inputs {
		if in.Stage < 0 {
			r.inputs[i], tables[i] = cursor{}, b.Table(in.Source)
			continue
		}
		r.inputs[i] = cursor{rows: output(in.Stage).Rows}
		r.tables[i].Reset()
		tables[i] = r.tables[i]
	}
	for i, s := range r.stage.Follows {
		r.follows[i] = cursor{rows: output(s).Rows}
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
		r.state.Next += int64(len(r.records)) + 1 // the flush's rows use a position
		own, r.settled = row.NewLast(b.Seq, r.first, r.records, tables), Settled(r.stage, row.FinalWatermark, output)
	} else {
		r.state.Next += int64(len(r.records))
		own, r.settled = row.NewBatch(b.Seq, r.first, r.records, tables), Settled(r.stage, r.state.Watermark, output)
	}
	own.Settle(settledBefore(r.stage, output))
	return own
}

// Settled returns Output.Settled of the stage after the last batch.
func (r *Relay) Settled() int64 { return r.settled }

func (r *Relay) position(at place) int64 {
	if at.cause < 0 {
		return r.origin
	}
	return r.origin + int64(at.cause)
}

// pass adds a topic's record to the batch if the stage reads that topic.
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

// take adds the rows that the stages before made at a place.
func (r *Relay) take(at place, rec *row.Record) {
	position := r.position(at)
	for i := range r.inputs {
		for c := r.inputs[i].take(position, at.phase); c != nil; c = r.inputs[i].take(position, at.phase) {
			r.add(i, at, c, rec)
		}
	}
}

// add adds a record for one row.
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

// appendRow appends the columns of a row: its values, or for a deletion the key's columns;
// the key's columns that are not values; and its window.
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

// advance advances the stage's time, after the rows of a place were added, to the smallest
// time of the source and of the streams before the stage.
func (r *Relay) advance(at place, rec *row.Record) {
	watermark := rec.Watermark
	if len(r.follows) > 0 {
		held, position := int64(row.NoWatermark), r.position(at)
		for i := range r.follows {
			for c := r.follows[i].take(position, at.phase); c != nil; c = r.follows[i].take(position, at.phase) {
				r.state.Seen[i] = max(r.state.Seen[i], c.Timestamp)
			}
			// A stream without rows so far does not hold the time back.
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

// Place sets the places of the rows that the stage made of the last batch, in the order of
// the topics' batch. The rows of a query's last stage, and of an Ordered stage, are sorted
// into the total order of outputs; other rows keep the order in which they were made.
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

// Dispositions sets, for each record of the topics' batch, the strongest disposition of the
// rows that the record itself caused. Rows caused by the time that it advanced do not
// count.
func (r *Relay) Dispositions(to, from []row.Disposition) {
	for k, d := range from {
		if at := r.places[k]; at.phase == 1 && at.cause >= 0 {
			to[at.cause] = max(to[at.cause], d)
		}
	}
}
