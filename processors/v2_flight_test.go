package processors_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
)

// TestLargeBatchesAreFewerInFlight: what is on its way is bounded by records too,
// but never to one batch; and who waits for room can be called off.
func TestLargeBatchesAreFewerInFlight(t *testing.T) {
	for _, c := range []struct{ size, most int64 }{{500, 12}, {2000, 6}, {5000, 2}, {10_000, 2}} {
		synctest.Test(t, func(t *testing.T) {
			batches := processortest.Batches(processortest.RandomTrades(41, int(c.size)*16), int(c.size), false)
			v2 := newV2(t, processortest.Plan(processortest.Totals(plan.EmitFinal)), 3, partitions.Hooks{})
			ctx, cancel := context.WithCancel(t.Context())
			var in atomic.Int64
			ended := make(chan error, 1)
			go func() {
				for _, b := range batches {
					if err := v2.Submit(ctx, b); err != nil {
						ended <- err
						return
					}
					in.Add(1)
				}
			}()
			for out := range int64(3) {
				synctest.Wait()
				if got := in.Load() - out; got != c.most {
					t.Errorf("batches of %d: %d are in flight, want %d", c.size, got, c.most)
				}
				o, err := v2.Next(t.Context())
				if err != nil || o.Batch != batches[out] {
					t.Fatalf("outcome %d: %v", out, err)
				}
			}
			synctest.Wait()
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("called off: %v", err)
			}
			for out := int64(3); out < in.Load(); out++ {
				if _, err := v2.Next(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := v2.Snapshot(); err != nil {
				t.Errorf("it is not at rest: %v", err)
			}
		})
	}
}
