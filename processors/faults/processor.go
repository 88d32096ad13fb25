package faults

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/route"
	"parallax/processors/row"
)

// inside is a fault's change within V2, and the dispositions that it gives to the records that V2
// lost.
type inside struct {
	hooks partitions.Hooks
	// swallowed says that a record that no engine saw is taken for processed:
	// the coordinator did hand it out.
	swallowed bool
	// routes says how records are routed instead of by V2's strategy, "" where they
	// are not.
	routes string
}

// after is a fault's change of the rows that merge returned for the affected records. It may modify
// its argument.
type after func([]row.Change) []row.Change

// maker makes a V2 that is more than hooks and rewritten rows.
type maker func(f *Fault, cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error)

// New makes a V2 with the fault. Where cfg leaves the number of partitions
// open, there are at least as many as the fault needs.
func (f *Fault) New(cfg processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
	if cfg.Architecture != processors.ArchitectureV2 {
		return nil, fmt.Errorf("fault %s is one of V2's, and the processor is %s", f.Name, cfg)
	}
	if cfg.Count() < f.MinPartitions {
		if cfg.Partitions != 0 {
			return nil, fmt.Errorf("fault %s needs at least %d partitions, and the processor is %s", f.Name, f.MinPartitions, cfg)
		}
		cfg.Partitions = f.MinPartitions
	}
	switch {
	case f.make != nil:
		return f.make(f, cfg, p, opt)
	case f.inside != nil:
		return f.newInside(cfg, p, opt)
	default:
		return f.newAfter(cfg, p, opt)
	}
}

// faulty is a V2 with a fault.
type faulty struct {
	*partitions.V2
	span *span
	// rewrite changes a finished outcome; nil leaves it.
	rewrite func(*row.Outcome)
	// name is the fault's, routes how it routes records; "" where V2's strategy does.
	name, routes string
}

func (f *Fault) newInside(cfg processors.Config, p *plan.Plan, opt processors.Options) (*faulty, error) {
	s := f.newSpan(cfg.Count())
	s.plan = p
	in := f.inside(s)
	in.hooks = s.watched(in.hooks)
	v2, err := partitions.New(p, cfg, opt, in.hooks)
	if err != nil {
		return nil, err
	}
	w := &faulty{V2: v2, span: s, name: f.Name, routes: in.routes}
	if in.swallowed {
		w.rewrite = claimLost
	}
	return w, nil
}

func (f *Fault) newAfter(cfg processors.Config, p *plan.Plan, opt processors.Options) (*faulty, error) {
	v2, err := partitions.New(p, cfg, opt, partitions.Hooks{})
	if err != nil {
		return nil, err
	}
	s, change := f.newSpan(cfg.Count()), f.after()
	return &faulty{V2: v2, span: s, rewrite: func(o *row.Outcome) {
		o.OnRelease(nil) // a change may hold on to rows
		low, high := s.rows(o.Changes)
		struck := change(slices.Clone(o.Changes[low:high]))
		if !sameRows(o.Changes[low:high], struck) {
			s.acted()
		}
		o.Raw += int64(len(struck) - (high - low))
		o.Changes = slices.Concat(o.Changes[:low:low], struck, o.Changes[high:])
	}}, nil
}

func (w *faulty) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	if err := w.Submit(ctx, b); err != nil {
		return nil, err
	}
	return w.Next(ctx)
}

func (w *faulty) Submit(ctx context.Context, b *row.Batch) error {
	w.span.start(b)
	return w.V2.Submit(ctx, b)
}

func (w *faulty) Next(ctx context.Context) (*row.Outcome, error) {
	o, err := w.V2.Next(ctx)
	if err == nil && w.rewrite != nil {
		w.rewrite(o)
	}
	return o, err
}

// Describe is V2's, but for the routing: where the fault routes records, V2's strategy
// does not.
func (w *faulty) Describe() processors.Description {
	d := w.V2.Describe()
	if w.routes == "" {
		return d
	}
	d.Strategy = w.name
	for i := range d.Routing {
		d.Routing[i].Strategy, d.Routing[i].Why = route.Strategy(w.name), w.routes
	}
	return d
}

// claimLost gives the records that no engine saw the disposition of records
// that were processed: the job does not know what it lost.
func claimLost(o *row.Outcome) {
	for i, d := range o.Dispositions {
		if d == row.DispositionNone && o.Batch.Record(i).State != row.Undecodable {
			o.Dispositions[i] = row.StateOnly
		}
	}
}

// span is the range of records that a fault strikes, as positions.
type span struct {
	from, to   int64 // counted from 1
	partitions int
	origin     *origin
	plan       *plan.Plan // of a fault inside V2
}

// origin is the position from which a fault's records are counted: the first batch of the first V2
// with the fault, because the positions of a restored V2 do not begin at 0. A V2 that replaces it later
// continues the count.
type origin struct {
	begun atomic.Bool
	first atomic.Int64
	// acted says that the fault made something different from what V2 would have made.
	acted atomic.Bool
}

func (f *Fault) newSpan(partitions int) *span {
	return &span{from: f.From, to: f.To, partitions: partitions, origin: &f.origin}
}

func (s *span) start(b *row.Batch) {
	if !s.origin.begun.Load() {
		s.origin.first.Store(b.First)
		s.origin.begun.Store(true)
	}
}

// strikesAny reports whether a record of the batch is in the range.
func (s *span) strikesAny(b *row.Batch) bool {
	low := b.First - s.origin.first.Load() + 1
	return b.Len() > 0 && low <= s.to && low+int64(b.Len())-1 >= s.from
}

// strikes reports whether the record at a position is in the range.
func (s *span) strikes(position int64) bool {
	n := position - s.origin.first.Load() + 1
	return n >= s.from && n <= s.to
}

// rows returns which of the rows, which ascend by position, were made by
// records in the range.
func (s *span) rows(rows []row.Change) (low, high int) {
	for low < len(rows) && !s.strikes(rows[low].Position) {
		low++
	}
	for high = low; high < len(rows) && s.strikes(rows[high].Position); {
		high++
	}
	return low, high
}
