package pipeline

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"parallax/processors"
	"parallax/processors/exec"
	"parallax/processors/plan"
	"parallax/processors/recycle"
	"parallax/processors/relay"
	"parallax/processors/row"
	"parallax/processors/state"
)

// V1 is the authoritative path: one pipeline on the caller's goroutine, one
// engine for each stage of the plan.
type V1 struct {
	plan    *plan.Plan
	engines []*exec.Engine
	relays  []*relay.Relay // nil for a stage that reads the topics' batches
	chained bool
	slice   int // records
	// position and watermark are those after the last batch.
	position, watermark int64

	results             recycle.Pool[exec.Result]
	records, keys, busy atomic.Int64
}

// New returns a V1 that runs a plan.
func New(p *plan.Plan, opt processors.Options) (*V1, error) {
	v := &V1{plan: p, watermark: row.NoWatermark, chained: p.Chained(), slice: opt.SliceSize()}
	for _, q := range p.Stages {
		e, err := exec.NewStage(q, exec.Options{ErrorsToDeadLetter: opt.ErrorsToDeadLetter, LateToDeadLetter: opt.LateToDeadLetter})
		if err != nil {
			return nil, fmt.Errorf("v1: query %d (%s): %w", q.Index, q.Sink.Name, err)
		}
		v.engines = append(v.engines, e)
		v.relays = append(v.relays, relay.Of(q))
	}
	return v, nil
}

// Process runs one batch.
func (v *V1) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	start := time.Now()
	run := v.together
	if v.chained {
		run = v.chain
	}
	o := run(ctx, b)
	if o == nil { // in the middle of the batch
		return nil, ctx.Err()
	}
	var keys int64
	for _, e := range v.engines {
		keys += e.Keys()
	}
	v.position = b.First + int64(b.Len())
	if w := b.Watermark(); w != row.NoWatermark {
		v.watermark = w
	}
	v.records.Add(decodable(b))
	v.keys.Store(max(keys, v.keys.Load()))
	v.busy.Add(int64(time.Since(start)))
	return o, nil
}

// together runs all queries over the batch, slice by slice, where no query reads
// another's rows. It returns nil if ctx ended before it was done.
func (v *V1) together(ctx context.Context, b *row.Batch) *row.Outcome {
	out := v.results.Take()
	whole := recycle.Cleared(out.Dispositions, b.Len())
	out.Reset(whole)
	out.Done = ctx.Done()
	for from, slice := range b.Slices(v.slice) {
		out.Dispositions = whole[from : from+slice.Len()]
		changes, letters := len(out.Changes), len(out.DeadLetters)
		out.Changes = slices.Grow(out.Changes, b.RowsAhead(from, changes))
		for _, e := range v.engines {
			if !e.RunAll(slice, out) {
				return nil
			}
		}
		rows := out.Changes[changes:]
		if len(v.engines) > 1 {
			// Each query's changes are in order, but the engines append theirs one query
			// after the other: sort them.
			slices.SortStableFunc(rows, func(x, y row.Change) int { return row.CompareOrder(&x, &y) })
		}
		if from > 0 {
			toBatch(rows, out.DeadLetters[letters:], from)
		}
	}
	out.Dispositions = whole
	return v.outcome(b, out)
}

// toBatch turns indexes of records in a slice, in causes and dead letters, into indexes
// in the batch that contains the slice.
func toBatch(rows []row.Change, letters []row.DeadLetter, from int) {
	for i := range rows {
		if rows[i].Cause >= 0 {
			rows[i].Cause += int32(from)
		}
	}
	for i := range letters {
		letters[i].Record += from
	}
}

// outcome makes the outcome of a batch from the engines' results. Its Release returns
// the memory.
func (v *V1) outcome(b *row.Batch, out *exec.Result) *row.Outcome {
	o := &row.Outcome{
		Batch: b, Changes: out.Changes, Dispositions: out.Dispositions, DeadLetters: row.SortDeadLetters(out.DeadLetters),
		ExpressionErrors: out.ExpressionErrors, Late: out.Late, ClosedWindows: out.ClosedWindows,
		Raw: int64(len(out.Changes)),
	}
	o.OnRelease(func() { v.results.Give(out) })
	return o
}

// chain runs the stages over the batch, slice by slice. It returns nil if ctx ended
// before it was done.
func (v *V1) chain(ctx context.Context, b *row.Batch) *row.Outcome {
	joined := relay.Join(b)
	for from, slice := range b.Slices(v.slice) {
		links := v.links(ctx, slice)
		if links == nil {
			return nil
		}
		joined.Add(from, links)
	}
	return joined.Outcome()
}

// links runs one stage after the other over a slice, and then gives each row its place in
// the total order. It returns nil if ctx ended before it was done.
func (v *V1) links(ctx context.Context, b *row.Batch) []relay.Link {
	links := make([]relay.Link, len(v.engines))
	for i, e := range v.engines {
		in := b
		if r := v.relays[i]; r != nil {
			in = r.Batch(b, func(stage int) relay.Output { return links[stage].Read })
		}
		out := v.results.Take()
		out.Reset(recycle.Cleared(out.Dispositions, in.Len()))
		out.Done = ctx.Done()
		if !e.RunAll(in, out) {
			return nil
		}
		links[i] = relay.Link{Outcome: v.outcome(in, out), Stage: v.plan.Stages[i], Relay: v.relays[i]}
		links[i].Place(b)
	}
	return links
}

func decodable(b *row.Batch) (n int64) {
	for i := range b.Len() {
		if b.Record(i).State != row.Undecodable {
			n++
		}
	}
	return n
}

// Describe returns the description of V1.
func (v *V1) Describe() processors.Description {
	return processors.Description{Name: "v1", Version: "V1"}
}

// Partitions reports V1's work as that of one partition.
func (v *V1) Partitions() []processors.PartitionStats {
	return []processors.PartitionStats{{Records: v.records.Load(), Keys: v.keys.Load(), BusyNanos: v.busy.Load()}}
}

// Close does nothing: V1 has no goroutines.
func (v *V1) Close() error { return nil }

// Snapshot copies V1's state, between two batches.
func (v *V1) Snapshot() (*state.Snapshot, error) {
	s := &state.Snapshot{Position: v.position, Watermark: v.watermark}
	for i, e := range v.engines {
		s.Queries = append(s.Queries, e.Snapshot())
		if r := v.relays[i]; r != nil {
			s.Relays = append(s.Relays, r.Snapshot())
		}
	}
	return s, nil
}

// Freeze fixes V1's state, between two batches. It takes a few milliseconds for a million
// entries; each page of groups, and each entry of other operators, that is modified afterwards
// is copied once.
func (v *V1) Freeze() (*state.Frozen, error) {
	f := &state.Frozen{Position: v.position, Watermark: v.watermark}
	for i, e := range v.engines {
		f.Stages = append(f.Stages, e.Freeze())
		if r := v.relays[i]; r != nil {
			f.Relays = append(f.Relays, r.Snapshot())
		}
	}
	return f, nil
}

// Restore replaces V1's state, between two batches.
func (v *V1) Restore(s *state.Snapshot) error {
	if len(s.Queries) != len(v.engines) {
		return fmt.Errorf("v1: restore: the snapshot has %d stages, but the plan has %d", len(s.Queries), len(v.engines))
	}
	relays := s.Relays
	for i, e := range v.engines {
		e.Restore(s.Queries[i])
		if r := v.relays[i]; r != nil {
			r.Restore(relays[0])
			relays = relays[1:]
		}
	}
	v.position, v.watermark = s.Position, s.Watermark
	return nil
}
