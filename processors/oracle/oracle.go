// Package oracle computes a plan's output in the simplest way: it keeps every row that it
// has read and computes each output from all of them. It shares the parser, the bound
// expressions, the scalar functions and the types with the engine, and nothing of how the
// engine runs them: if the two disagree, one of them is wrong. It is slow on purpose.
//
// Stability: ours.
package oracle

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Oracle is a processor. It has no snapshot: its state is its input.
type Oracle struct {
	queries []*query
	records atomic.Int64
	now     int64 // after the last record
	stop    interrupt
}

// New returns an oracle for a plan.
func New(p *plan.Plan, opt processors.Options) (*Oracle, error) {
	o := &Oracle{}
	for _, logical := range p.Queries {
		q := &query{Query: logical.Logical, stop: &o.stop, watermark: row.NoWatermark, projected: table{}, entries: map[string]*entry{}}
		for _, in := range q.From {
			var before *query
			if in.Stage >= 0 {
				before = o.queries[p.Stages[in.Stage].Index]
			}
			q.before, q.taken, q.largest = append(q.before, before), append(q.taken, 0), append(q.largest, row.NoWatermark)
		}
		if len(q.From) == 1 && q.From[0].Stage < 0 {
			q.opt = opt // it has a topic's records to refuse
		}
		for n := range q.Joins {
			q.joins = append(q.joins, newJoin(q, n+1, opt))
		}
		o.queries = append(o.queries, q)
	}
	return o, nil
}

// Process processes one batch, record by record, in two phases, each query by query. If the
// context ends before it is done, the oracle must not be used any more.
func (o *Oracle) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	o.stop = interrupt{err: ctx.Err}
	out := &row.Outcome{Batch: b, Dispositions: make([]row.Disposition, b.Len())}
	for _, q := range o.queries {
		q.out = out
	}
	for i := range b.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		r := b.Record(i)
		o.now = r.Now
		for phase := range uint8(2) {
			o.live(moment{b.First + int64(i), phase, int32(i), r.Watermark, r.Now}, b)
		}
		if r.State != row.Undecodable {
			o.records.Add(1)
		}
	}
	if b.Flush() {
		o.live(moment{b.First, 0, -1, row.FinalWatermark, o.now}, b)
	}
	if o.stop.ended {
		return nil, ctx.Err()
	}
	slices.SortStableFunc(out.DeadLetters, func(x, y row.DeadLetter) int {
		return cmp.Or(cmp.Compare(x.Record, y.Record), cmp.Compare(x.Reason, y.Reason))
	})
	out.DeadLetters = slices.Compact(out.DeadLetters)
	out.Raw = int64(len(out.Changes))
	return out, nil
}

func (o *Oracle) live(at moment, b *row.Batch) {
	for _, q := range o.queries {
		q.live(at, b)
	}
}

// Describe returns the oracle's description.
func (o *Oracle) Describe() processors.Description {
	return processors.Description{Name: "oracle", Version: "oracle"}
}

// Partitions reports its work as that of one partition.
func (o *Oracle) Partitions() []processors.PartitionStats {
	return []processors.PartitionStats{{Records: o.records.Load()}}
}

// Close has nothing to end.
func (o *Oracle) Close() error { return nil }
