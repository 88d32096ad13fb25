package processors

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// V1 is the authoritative path: one pipeline on the caller's goroutine, one
// engine for each query of the plan.
type V1 struct {
	engines []*exec.Engine
	// position and watermark are those after the last batch.
	position, watermark int64

	results             recycler[exec.Result]
	records, keys, busy atomic.Int64
}

// NewV1 returns a V1 that runs a plan.
func NewV1(p *plan.Plan, opt Options) (*V1, error) {
	v := &V1{watermark: row.NoWatermark}
	for _, q := range p.Queries {
		e, err := exec.New(q, exec.Options(opt))
		if err != nil {
			return nil, fmt.Errorf("v1: query %d (%s): %w", q.Index, q.Sink.Name, err)
		}
		v.engines = append(v.engines, e)
	}
	return v, nil
}

// Process runs one batch.
func (v *V1) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	start := time.Now()
	out := v.results.take()
	out.Reset(cleared(out.Dispositions, b.Len()))
	var keys int64
	for _, e := range v.engines {
		e.RunAll(b, out)
		keys += e.Keys()
	}
	if len(v.engines) > 1 {
		// Each query's changes are in order; the order between queries is not that
		// of their engines.
		slices.SortStableFunc(out.Changes, func(x, y row.Change) int { return row.CompareOrder(&x, &y) })
	}
	out.DeadLetters = inOrder(out.DeadLetters)
	v.position = b.First + int64(b.Len())
	if w := b.Watermark(); w != row.NoWatermark {
		v.watermark = w
	}
	v.records.Add(decodable(b))
	v.keys.Store(max(keys, v.keys.Load()))
	v.busy.Add(int64(time.Since(start)))
	o := &row.Outcome{
		Batch: b, Changes: out.Changes, Dispositions: out.Dispositions, DeadLetters: out.DeadLetters,
		ExpressionErrors: out.ExpressionErrors, Late: out.Late, ClosedWindows: out.ClosedWindows,
		Raw: int64(len(out.Changes)),
	}
	o.OnRelease(func() { v.results.give(out) })
	return o, nil
}

func decodable(b *row.Batch) (n int64) {
	for i := range b.Len() {
		if b.Record(i).State != row.Undecodable {
			n++
		}
	}
	return n
}

// Describe says what V1 is.
func (v *V1) Describe() Description {
	return Description{Name: "v1", Version: "V1", Partitions: 1}
}

// Partitions counts V1's work as that of one partition.
func (v *V1) Partitions() []PartitionStats {
	return []PartitionStats{{Records: v.records.Load(), Keys: v.keys.Load(), BusyNanos: v.busy.Load()}}
}

// Close has nothing to end.
func (v *V1) Close() error { return nil }

// Snapshot copies V1's state out, between two batches.
func (v *V1) Snapshot() (*state.Snapshot, error) {
	s := &state.Snapshot{Position: v.position, Watermark: v.watermark}
	for _, e := range v.engines {
		s.Queries = append(s.Queries, e.Snapshot())
	}
	return s, nil
}

// Restore replaces V1's state, between two batches.
func (v *V1) Restore(s *state.Snapshot) error {
	if len(s.Queries) != len(v.engines) {
		return fmt.Errorf("v1: the snapshot is of %d queries, the plan has %d", len(s.Queries), len(v.engines))
	}
	for i, e := range v.engines {
		e.Restore(s.Queries[i])
	}
	v.position, v.watermark = s.Position, s.Watermark
	return nil
}
