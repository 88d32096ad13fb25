package partitions

import (
	"context"
	"errors"
	"fmt"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// V2 is the candidate: it routes the records of each stage by the stage's split key to N
// partitions, each a goroutine with its own engine, and merges their changes back into the
// total order.
//
// One coordinator runs all queries if they read topics only. If stages follow others, each
// stage has its own coordinator, and its rows are merged before the next stage reads them,
// because that stage may have another key.
//
//	Submit ─► coordinator ─► relay ─► coordinator ─► ... ─► Next
//
// Several batches are in flight at once. Engines share only the batch, which they do not
// modify; a batch's outcome does not depend on N or on timing. After an error, a panic
// included (see processors.PanicError), V2 returns no more outcomes.
type V2 struct {
	plan         *plan.Plan
	cfg          processors.Config
	coordinators []*coordinator
	// chain is nil where no stage follows another.
	chain *chain
}

// New starts a V2 for a plan. Its goroutines run until Close.
func New(p *plan.Plan, cfg processors.Config, opt processors.Options, hooks Hooks) (*V2, error) {
	return newV2(p, cfg, opt, hooks, nil)
}

// newV2 is New with a sample of keys, nil for all.
func newV2(p *plan.Plan, cfg processors.Config, opt processors.Options, hooks Hooks, sampler *Sampler) (*V2, error) {
	cfg.Partitions = cfg.Count()
	v := &V2{plan: p, cfg: cfg}
	groups := [][]*plan.Query{p.Stages}
	if p.Chained() {
		groups = nil
		for _, q := range p.Stages {
			groups = append(groups, []*plan.Query{q})
		}
	}
	counted := map[int]bool{}
	for _, stages := range groups {
		c, err := newCoordinator(stages, cfg, opt, hooks, sampler, counted)
		if err != nil {
			return nil, errors.Join(err, v.Close())
		}
		c.shares = sampler != nil && !p.Chained()
		v.coordinators = append(v.coordinators, c)
	}
	if p.Chained() {
		v.chain = newChain(p, v.coordinators, opt.SliceSize(), sampler)
	}
	return v, nil
}

// Process processes one batch. With Submit and Next several are in flight.
func (v *V2) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	if err := v.Submit(ctx, b); err != nil {
		return nil, err
	}
	return v.Next(ctx)
}

// Submit passes on a batch and waits while too many are in flight.
func (v *V2) Submit(ctx context.Context, b *row.Batch) error {
	if v.chain != nil {
		return v.chain.submit(ctx, b)
	}
	return v.coordinators[0].Submit(ctx, b)
}

// Next returns the outcome of the oldest batch in flight. After an error every later
// call returns the same error.
func (v *V2) Next(ctx context.Context) (*row.Outcome, error) {
	if v.chain != nil {
		return v.chain.next(ctx)
	}
	return v.coordinators[0].Next(ctx)
}

// Describe returns the description of V2; its name contains the actual number of partitions.
func (v *V2) Describe() processors.Description {
	var routing []processors.Routing
	for _, c := range v.coordinators {
		routing = append(routing, c.routing()...)
	}
	return processors.Description{
		Name: v.cfg.String(), Version: "V2", Strategy: strategies(routing), Routing: routing,
	}
}

// strategies names how the stages are routed, once where they agree.
func strategies(list []processors.Routing) string {
	text := ""
	for i, r := range list {
		switch {
		case i == 0:
			text = r.Name()
		case list[i-1].Name() != r.Name():
			text += "," + r.Name()
		}
	}
	return text
}

// Partitions returns the counts of each partition so far. A record that several queries
// read is counted for the first of them.
func (v *V2) Partitions() []processors.PartitionStats {
	stats := v.coordinators[0].Partitions()
	for _, c := range v.coordinators[1:] {
		for i, s := range c.Partitions() {
			all := &stats[i]
			all.Records += s.Records
			all.Keys += s.Keys
			all.BusyNanos += s.BusyNanos
			all.Queue = max(all.Queue, s.Queue)
			all.QueuedRecords += s.QueuedRecords
		}
	}
	return stats
}

// Close stops V2's goroutines and never blocks: one that is processing a batch is
// interrupted, and Leaked counts it until it has stopped.
func (v *V2) Close() error {
	if v.chain != nil {
		v.chain.close()
	}
	for _, c := range v.coordinators {
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
}

// Leaked returns the number of goroutines that still run after Close.
func (v *V2) Leaked() (n int) {
	for _, c := range v.coordinators {
		n += c.Leaked()
	}
	return n
}

// atRest returns an error while the engines must not be used from outside.
func (v *V2) atRest() error {
	if v.chain != nil {
		if err := v.chain.atRest(); err != nil {
			return err
		}
	}
	for _, c := range v.coordinators {
		if err := c.atRest(); err != nil {
			return err
		}
	}
	return nil
}

// Snapshot returns V2's state, which can be restored at any partition count and into V1.
// No batch may be in flight.
func (v *V2) Snapshot() (*state.Snapshot, error) {
	if err := v.atRest(); err != nil {
		return nil, fmt.Errorf("v2: snapshot: %w", err)
	}
	return v.frozen().Snapshot(), nil
}

// Freeze fixes V2's state, between two batches. It takes a few milliseconds for a million
// keys; each page of groups that is modified afterwards is copied once.
func (v *V2) Freeze() (*state.Frozen, error) {
	if err := v.atRest(); err != nil {
		return nil, fmt.Errorf("v2: freeze: %w", err)
	}
	return v.frozen(), nil
}

func (v *V2) frozen() *state.Frozen {
	first := v.coordinators[0]
	f := &state.Frozen{Position: first.position, Watermark: first.watermark}
	if v.chain != nil {
		f.Position, f.Watermark = v.chain.position, v.chain.watermark
		for _, r := range v.chain.relays {
			if r != nil {
				f.Relays = append(f.Relays, r.Snapshot())
			}
		}
	}
	for _, c := range v.coordinators {
		f.Stages = append(f.Stages, c.freeze()...)
	}
	return f
}

// Restore replaces the state of all partitions: each entry goes to the partition of its
// key's records. No batch may be in flight.
func (v *V2) Restore(s *state.Snapshot) error {
	if err := v.atRest(); err != nil {
		return fmt.Errorf("v2: restore: %w", err)
	}
	if len(s.Queries) != len(v.plan.Stages) {
		return fmt.Errorf("v2: restore: the snapshot has %d stages, but the plan has %d", len(s.Queries), len(v.plan.Stages))
	}
	stage := 0
	for _, c := range v.coordinators {
		for q := range c.queries {
			if err := c.restore(q, s.Queries[stage]); err != nil {
				return err
			}
			stage++
		}
		c.restored(s.Position, s.Watermark)
	}
	if v.chain != nil {
		v.chain.restore(s)
	}
	return nil
}
