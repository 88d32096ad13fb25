package processors_test

import (
	"fmt"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/processortest"
)

func TestStateMovesBetweenPartitionCountsAndV1(t *testing.T) {
	trades := processortest.RandomTrades(10, 2000)
	for name, p := range plans {
		t.Run(name, func(t *testing.T) {
			whole := processortest.Batches(trades, 100, true)
			half := len(whole) / 2
			v1 := newV1(t, p())
			run(t, v1, whole[:half])
			want := run(t, v1, whole[half:])

			makers := map[string]func() processors.Processor{"v1": func() processors.Processor { return newV1(t, p()) }}
			for _, n := range []int{1, 2, 5} {
				makers[fmt.Sprintf("v2:%d", n)] = func() processors.Processor { return newV2(t, p(), n, partitions.Hooks{}) }
			}
			for from, makeFrom := range makers {
				source := makeFrom()
				run(t, source, whole[:half])
				snapshot, err := source.(processors.Snapshotter).Snapshot()
				if err != nil {
					t.Fatal(err)
				}
				if snapshot.Position != whole[half].First {
					t.Errorf("%s: the snapshot is at position %d, want %d", from, snapshot.Position, whole[half].First)
				}
				for to, makeTo := range makers {
					target := makeTo()
					if err := target.(processors.Snapshotter).Restore(snapshot); err != nil {
						t.Fatal(err)
					}
					if d := run(t, target, whole[half:]).Difference(want); d != "" {
						t.Errorf("from %s to %s: %s", from, to, d)
					}
				}
				// What was restored from it does not show in the one it was taken of.
				if d := run(t, source, whole[half:]).Difference(want); d != "" {
					t.Errorf("%s after its snapshot was used: %s", from, d)
				}
			}
		})
	}
}

func TestASnapshotWithABatchInFlightIsRefused(t *testing.T) {
	v2 := newV2(t, plans["without a window"](), 2, partitions.Hooks{})
	if err := v2.Submit(t.Context(), processortest.Batches(processortest.RandomTrades(1, 5), 5, false)[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := v2.Snapshot(); err == nil || !strings.Contains(err.Error(), "in flight") {
		t.Errorf("got %v", err)
	}
	if _, err := v2.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := v2.Snapshot(); err != nil {
		t.Error(err)
	}
}
