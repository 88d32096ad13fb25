package faults

import (
	"context"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// hasty is a V2 whose clock runs ahead: it sees each batch with later watermarks.
type hasty struct {
	v2   *processors.V2
	span *span
	// sources is how many the plan reads.
	sources int
	// clock is the largest watermark that V2 has been shown.
	clock int64
}

func newEarlyClose(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	v2, err := processors.NewV2(p, cfg, opt, processors.Hooks{})
	if err != nil {
		return nil, err
	}
	return &hasty{v2: v2, span: f.newSpan(cfg.Count()), sources: len(p.Sources), clock: row.NoWatermark}, nil
}

// Process shows V2 a copy of the batch in which a record that is behind the
// watermark has moved it forward by as much.
func (h *hasty) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	h.span.start(b)
	if b.Flush() {
		return h.v2.Process(ctx, b)
	}
	records := make([]row.Record, b.Len())
	for i := range records {
		r := *b.Record(i)
		shown := r.Watermark
		if behind := r.Watermark - r.EventTime; behind > 0 && r.State != row.Undecodable && h.span.strikes(b.First+int64(i)) {
			shown += behind
		}
		h.clock = max(h.clock, shown)
		r.Watermark = h.clock
		records[i] = r
	}
	tables := make([]*row.Table, h.sources)
	for i := range tables {
		tables[i] = b.Table(i)
	}
	o, err := h.v2.Process(ctx, row.NewBatch(b.Seq, b.First, records, tables))
	if err == nil {
		o.Batch = b
	}
	return o, err
}

// Describe, Partitions, Snapshot, Restore, Leaked and Close are V2's.
func (h *hasty) Describe() processors.Description        { return h.v2.Describe() }
func (h *hasty) Partitions() []processors.PartitionStats { return h.v2.Partitions() }
func (h *hasty) Snapshot() (*state.Snapshot, error)      { return h.v2.Snapshot() }
func (h *hasty) Restore(s *state.Snapshot) error         { return h.v2.Restore(s) }
func (h *hasty) Leaked() int                             { return h.v2.Leaked() }
func (h *hasty) Close() error                            { return h.v2.Close() }
