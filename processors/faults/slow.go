package faults

import (
	"context"
	"time"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// slowness is how many times as long as V1 a slow V2 takes for a batch.
const slowness = 10

// slow is a V2 at a tenth of V1's speed. It waits in proportion to the time that its partitions'
// engines worked, which together is V1's time: so it is slow on any machine. It ends with its
// context.
//
// It processes one batch at a time, so that it can measure that batch.
type slow struct {
	v2     *faulty
	worked int64 // by the engines, in ns, up to the last outcome
	wait   func(ctx context.Context, d time.Duration) error
}

func newSlow(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	v2, err := partitions.New(p, cfg, opt, partitions.Hooks{})
	if err != nil {
		return nil, err
	}
	return &slow{v2: &faulty{V2: v2, span: f.newSpan(cfg.Count())}, wait: wait}, nil
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Process holds back the outcome of a batch that has a struck record.
func (s *slow) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	o, err := s.v2.Process(ctx, b)
	if err != nil {
		return nil, err
	}
	var total int64
	for _, p := range s.Partitions() {
		total += p.BusyNanos
	}
	took := time.Duration(total - s.worked)
	s.worked = total
	if s.v2.span.strikesAny(b) {
		s.v2.span.acted()
		if err := s.wait(ctx, (slowness-1)*took); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (s *slow) Describe() processors.Description        { return s.v2.Describe() }
func (s *slow) Close() error                            { return s.v2.Close() }
func (s *slow) Partitions() []processors.PartitionStats { return s.v2.Partitions() }
func (s *slow) Snapshot() (*state.Snapshot, error)      { return s.v2.Snapshot() }
func (s *slow) Restore(from *state.Snapshot) error      { return s.v2.Restore(from) }
