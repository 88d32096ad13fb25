package faults

import (
	"context"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// restarted is a V2 that takes batches one at a time, so that its state can be taken
// away between two of them.
type restarted struct {
	v2   *partitions.V2
	span *span
	// between may replace the state before a batch.
	between func(v2 *partitions.V2, b *row.Batch) error
}

func newRestarted(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options, between func(*span, *partitions.V2, *row.Batch) error) (processors.Processor, error) {
	v2, err := partitions.New(p, cfg, opt, partitions.Hooks{})
	if err != nil {
		return nil, err
	}
	s := f.newSpan(cfg.Count())
	return &restarted{v2, s, func(v2 *partitions.V2, b *row.Batch) error { return between(s, v2, b) }}, nil
}

// newStateReset loses all state once, before the first batch that the fault strikes
// and that is not V2's first.
func newStateReset(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	batches, done := 0, false
	return newRestarted(f, cfg, p, opt, func(s *span, v2 *partitions.V2, b *row.Batch) error {
		batches++
		if done || batches == 1 || !s.strikesAny(b) {
			return nil
		}
		done = true
		s.acted()
		now, err := v2.Snapshot()
		if err != nil {
			return err
		}
		lost := *now
		lost.Queries = make([][]state.Entry, len(now.Queries))
		return v2.Restore(&lost)
	})
}

// newStaleRestore goes back, once, to the state before the first batch that the fault
// strikes, when it has taken two batches more.
func newStaleRestore(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	var old *state.Snapshot
	struck := 0
	return newRestarted(f, cfg, p, opt, func(s *span, v2 *partitions.V2, b *row.Batch) error {
		if !s.strikesAny(b) {
			return nil
		}
		switch struck++; struck {
		case 2:
			now, err := v2.Snapshot()
			old = now
			return err
		case 4:
			s.acted()
			return v2.Restore(old)
		}
		return nil
	})
}

func (w *restarted) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	w.span.start(b)
	if err := w.between(w.v2, b); err != nil {
		return nil, err
	}
	return w.v2.Process(ctx, b)
}

func (w *restarted) Describe() processors.Description        { return w.v2.Describe() }
func (w *restarted) Partitions() []processors.PartitionStats { return w.v2.Partitions() }
func (w *restarted) Snapshot() (*state.Snapshot, error)      { return w.v2.Snapshot() }
func (w *restarted) Restore(s *state.Snapshot) error         { return w.v2.Restore(s) }
func (w *restarted) Leaked() int                             { return w.v2.Leaked() }
func (w *restarted) Close() error                            { return w.v2.Close() }
