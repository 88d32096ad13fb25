package isolated_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/arm"
	"parallax/shadow/evidence"
	"parallax/shadow/isolated"
)

// steady is a processor that takes the same time for each batch.
type steady time.Duration

func (p steady) Process(_ context.Context, b *row.Batch) (*row.Outcome, error) {
	time.Sleep(time.Duration(p))
	return &row.Outcome{Batch: b, Dispositions: make([]row.Disposition, b.Len())}, nil
}
func (p steady) Describe() processors.Description { return processors.Description{} }
func (p steady) Close() error                     { return nil }

// TestTheMeasurementIsShorterOnAMachineThatIsSlow: eight rounds of two pairs, but no new one
// after 15 s once there are three. Three give an interval.
func TestTheMeasurementIsShorterOnAMachineThatIsSlow(t *testing.T) {
	for _, c := range []struct {
		v1    time.Duration // for a batch; V2 takes twice as long
		pairs int
	}{
		{time.Millisecond, 16},
		{80 * time.Millisecond, 14}, // a round takes 2.4 s
		{time.Second, 6},
	} {
		synctest.Test(t, func(t *testing.T) {
			var batches []*row.Batch
			for seq := range 5 {
				batches = append(batches, row.NewBatch(int64(seq), int64(seq), make([]row.Record, 1), []*row.Table{nil}))
			}
			gives := processors.Capabilities{Cause: true, Dispositions: true, Order: true}
			paths := &isolated.Paths{Deadline: time.Minute, Compare: diff.Options{Require: diff.E1}}
			for path, takes := range [...]time.Duration{c.v1, 2 * c.v1} {
				paths.Build[path] = func() (processors.Processor, error) { return steady(takes), nil }
				paths.Handover[path] = arm.NewHandover(nil, false, gives)
			}
			got := isolated.Measure(t.Context(), paths, batches)
			if want := (evidence.Ratio{Comparable: true, Value: 0.5, Median: 0.5, CI95: evidence.Interval{0.5, 0.5}, Batches: 5, Pairs: c.pairs}); got != want {
				t.Errorf("a batch takes V1 %v: %+v, want %+v", c.v1, got, want)
			}
		})
	}
}
