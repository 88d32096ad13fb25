// Package oracle answers what a plan's output is, in the plainest way there is:
// it keeps every row that it has seen and computes each output anew from them.
// It shares the parser, the bound expressions, the scalar functions and the
// types with the engine, and nothing of how the engine runs them: when the two
// disagree, one of them is wrong. It is slow on purpose.
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
}

// New returns an oracle for a plan.
func New(p *plan.Plan, opt processors.Options) (*Oracle, error) {
	o := &Oracle{}
	for _, q := range p.Queries {
		o.queries = append(o.queries, &query{Query: q, opt: opt})
	}
	return o, nil
}

// Process runs one batch, record by record, query by query.
func (o *Oracle) Process(ctx context.Context, b *row.Batch) (*row.Outcome, error) {
	out := &row.Outcome{Batch: b, Dispositions: make([]row.Disposition, b.Len())}
	for _, q := range o.queries {
		q.out, q.batch = out, b
		if b.Flush() {
			q.passTime(-1, b.First, row.FinalWatermark)
			continue
		}
		for i := range b.Len() {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			r := b.Record(i)
			position := b.First + int64(i)
			q.passTime(i, position, r.Watermark)
			if r.State == row.Undecodable || int(r.Source) != q.Source {
				continue
			}
			out.Dispositions[i] = max(out.Dispositions[i], q.act(i, position))
		}
	}
	for i := range b.Len() {
		if b.Record(i).State != row.Undecodable {
			o.records.Add(1)
		}
	}
	slices.SortStableFunc(out.Changes, func(x, y row.Change) int { return row.CompareOrder(&x, &y) })
	slices.SortStableFunc(out.DeadLetters, func(x, y row.DeadLetter) int {
		return cmp.Or(cmp.Compare(x.Record, y.Record), cmp.Compare(x.Reason, y.Reason))
	})
	out.DeadLetters = slices.Compact(out.DeadLetters)
	out.Raw = int64(len(out.Changes))
	return out, nil
}

// Describe says what it is.
func (o *Oracle) Describe() processors.Description {
	return processors.Description{Name: "oracle", Version: "oracle", Partitions: 1}
}

// Partitions counts its records as those of one partition.
func (o *Oracle) Partitions() []processors.PartitionStats {
	return []processors.PartitionStats{{Records: o.records.Load()}}
}

// Close has nothing to end.
func (o *Oracle) Close() error { return nil }
