package shadow_test

import (
	"context"
	"testing"

	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/stage"
)

// rowCounter is an output that counts.
type rowCounter struct{ rows int }

func (o *rowCounter) Emit(_ context.Context, _ *row.Batch, changes []row.Change, _ []row.DeadLetter) error {
	o.rows += len(changes)
	return nil
}
func (*rowCounter) Commit(context.Context) error                     { return nil }
func (*rowCounter) RecordsStages() bool                              { return true }
func (*rowCounter) RecordStage(context.Context, *stage.Change) error { return nil }

// BenchmarkStages is a whole run in each stage, over the same batches.
func BenchmarkStages(b *testing.B) {
	const records = 200_000
	p := processortest.Plan(processortest.Totals(plan.EmitChanges), processortest.Running())
	batches := processortest.Batches(processortest.RandomTrades(5, records), 1000, true)
	for _, s := range []stage.Stage{inShadow, canary(25), promoted, inDone} {
		b.Run(s.String(), func(b *testing.B) {
			for b.Loop() {
				out := &rowCounter{}
				j, _ := stateJob(p, &input{batches: batches}, config(), 2, nil)
				j.Config.Candidate.OnOverload, j.Config.Commit.MaxRecords = candidate.Block, 100_000
				j.Config.Candidate.Backpressure.Enabled = false
				j.Output, j.Stage.Stage = out, s
				r, err := shadow.New(j)
				if err != nil {
					b.Fatal(err)
				}
				if rep, err := r.Run(b.Context()); err != nil || rep.Diff.Roots() != 0 || out.rows == 0 {
					b.Fatal(err, rep.Diff.ByClass)
				}
				if got := r.Stage(); got.Stage != s || got.Emission.Fallbacks > 0 {
					b.Fatalf("%+v", got)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
		})
	}
}
