package faults

import (
	"context"
	"testing"
	"time"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/processortest"
)

// TestASlowV2WaitsNineTimesAsLongAsItsEnginesWork looks at what it would wait,
// which depends on the machine, and at what it has to be in proportion to.
func TestASlowV2WaitsNineTimesAsLongAsItsEnginesWork(t *testing.T) {
	f, err := Parse("slow@201-600")
	if err != nil {
		t.Fatal(err)
	}
	made, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3}, processortest.Plan(processortest.Totals(plan.EmitChanges)), processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v2 := made.(*slow)
	defer func() {
		if err := v2.Close(); err != nil {
			t.Error(err)
		}
	}()
	var waited time.Duration
	waits := 0
	v2.wait = func(_ context.Context, d time.Duration) error {
		waited += d
		waits++
		return nil
	}
	busy := func() (n int64) {
		for _, p := range v2.Partitions() {
			n += p.BusyNanos
		}
		return n
	}
	var struck int64
	for i, b := range processortest.Batches(processortest.RandomTrades(3, 1000), 200, false) {
		before := busy()
		if _, err := v2.Process(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if i == 1 || i == 2 {
			struck += busy() - before
		}
	}
	if waits != 2 || struck == 0 || waited != time.Duration(9*struck) {
		t.Errorf("waited %v in %d batches, want nine times %v in 2", waited, waits, time.Duration(struck))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := wait(ctx, time.Hour); err == nil {
		t.Error("a cancelled V2 goes on waiting")
	}
}
