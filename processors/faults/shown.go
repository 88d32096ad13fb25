package faults

import (
	"context"
	"fmt"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// shown is a V2 that sees records otherwise than they are. It takes one batch at a
// time.
type shown struct {
	v2   *partitions.V2
	span *span
	// sources is how many the plan reads.
	sources int
	change  change
}

// change is given copies of a batch's records, changes those that the fault strikes, and
// reports whether it changed any.
type change func(records []row.Record, strikes func(i int) bool) (changed bool)

func newShown(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options, how change) (processors.Processor, error) {
	v2, err := partitions.New(p, cfg, opt, partitions.Hooks{})
	if err != nil {
		return nil, err
	}
	return &shown{v2, f.newSpan(cfg.Count()), len(p.Sources), how}, nil
}

// newEarlyClose is a V2 whose clock runs ahead: a record that is behind the watermark
// moves it forward by as much.
func newEarlyClose(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	clock := int64(row.NoWatermark)
	return newShown(f, cfg, p, opt, func(records []row.Record, strikes func(int) bool) (changed bool) {
		for i := range records {
			r := &records[i]
			if behind := r.Watermark - r.EventTime; behind > 0 && r.State != row.Undecodable && strikes(i) {
				clock = max(clock, r.Watermark+behind)
			}
			clock = max(clock, r.Watermark)
			changed = changed || r.Watermark != clock
			r.Watermark = clock
		}
		return changed
	})
}

// newBoundary is a V2 that takes the end of a window for its last moment.
func newBoundary(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	size := int64(0)
	for _, q := range p.Stages {
		if a := q.Aggregation; a != nil && a.Window != nil && a.Window.Kind == plan.Tumbling {
			size = a.Window.Size
		}
	}
	if size == 0 {
		return nil, fmt.Errorf("fault %s needs a TUMBLING window", f.Name)
	}
	return newShown(f, cfg, p, opt, func(records []row.Record, strikes func(int) bool) (changed bool) {
		for i := range records {
			if r := &records[i]; r.EventTime > 0 && r.EventTime%size == 0 && strikes(i) {
				r.EventTime--
				changed = true
			}
		}
		return changed
	})
}

// Process shows V2 a changed copy of the batch.
func (v *shown) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	v.span.start(b)
	if b.Flush() {
		return v.v2.Process(ctx, b)
	}
	o, err := v.v2.Process(ctx, seen(b, v.sources, func(records []row.Record) {
		if v.change(records, func(i int) bool { return v.span.strikes(b.First + int64(i)) }) {
			v.span.acted()
		}
	}))
	if err == nil {
		o.Batch = b
	}
	return o, err
}

// seen is a batch with the same columns, whose records, which are copies, were
// changed.
func seen(b *row.Batch, sources int, change func(records []row.Record)) *row.Batch {
	records := make([]row.Record, b.Len())
	for i := range records {
		records[i] = *b.Record(i)
	}
	change(records)
	tables := make([]*row.Table, sources)
	for i := range tables {
		tables[i] = b.Table(i)
	}
	return row.NewBatch(b.Seq, b.First, records, tables)
}

// Describe, Partitions, Snapshot, Restore, Leaked and Close are V2's.
func (v *shown) Describe() processors.Description        { return v.v2.Describe() }
func (v *shown) Partitions() []processors.PartitionStats { return v.v2.Partitions() }
func (v *shown) Snapshot() (*state.Snapshot, error)      { return v.v2.Snapshot() }
func (v *shown) Restore(s *state.Snapshot) error         { return v.v2.Restore(s) }
func (v *shown) Leaked() int                             { return v.v2.Leaked() }
func (v *shown) Close() error                            { return v.v2.Close() }
