package faults

import (
	"context"
	"sync"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Hung is a V2 of which a partition blocks, and that ignores every context.
// Close leaves the partition behind; only Release lets it go on, as if nothing
// had been.
type Hung struct {
	*faulty
	released chan struct{}
	once     sync.Once
}

func newHung(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	released := make(chan struct{})
	s := f.newSpan(cfg.Count())
	v2, err := partitions.New(p, cfg, opt, strike(s, func(*row.Batch, int) { <-released }))
	if err != nil {
		return nil, err
	}
	return &Hung{faulty: &faulty{V2: v2, span: s}, released: released}, nil
}

// Release ends the hang.
func (h *Hung) Release() { h.once.Do(func() { close(h.released) }) }

// Process blocks until the hang is released or V2 is closed.
func (h *Hung) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	return h.faulty.Process(context.WithoutCancel(ctx), b)
}

// Submit blocks when too much waits for the hung partition.
func (h *Hung) Submit(ctx context.Context, b *row.Batch) error {
	return h.faulty.Submit(context.WithoutCancel(ctx), b)
}

// Next blocks until the hang is released or V2 is closed.
func (h *Hung) Next(ctx context.Context) (*row.Outcome, error) {
	return h.faulty.Next(context.WithoutCancel(ctx))
}
