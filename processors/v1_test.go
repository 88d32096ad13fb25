package processors_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/processors/state"
)

func TestV1EmitsTheRowsOfSeveralQueriesInTheTotalOrder(t *testing.T) {
	queries := []*plan.Query{processortest.Totals(plan.EmitFinal), processortest.Running(), processortest.Totals(plan.EmitChanges)}
	batches := processortest.Batches(processortest.RandomTrades(21, 600), 100, true)
	all := run(t, newV1(t, processortest.Plan(queries...)), batches)
	if !slices.IsSortedFunc(all.Changes, func(a, b row.Change) int { return row.CompareOrder(&a, &b) }) {
		t.Error("the rows are not in the total order")
	}
	// Each query's rows are those that it has when it runs alone.
	for i := range queries {
		alone := []*plan.Query{processortest.Totals(plan.EmitFinal), processortest.Running(), processortest.Totals(plan.EmitChanges)}[i]
		want := run(t, newV1(t, processortest.Plan(alone)), batches).Changes
		var got []row.Change
		for _, c := range all.Changes {
			if int(c.Query) == i {
				c.Query = 0
				got = append(got, c)
			}
		}
		if len(want) == 0 || len(got) != len(want) {
			t.Fatalf("query %d has %d rows among the others and %d alone", i, len(got), len(want))
		}
		for j := range got {
			if !row.EqualRow(&got[j], &want[j]) || row.CompareOrder(&got[j], &want[j]) != 0 {
				t.Fatalf("query %d, row %d is %s, alone %s", i, j, processortest.Show(&got[j]), processortest.Show(&want[j]))
			}
		}
	}
	if all.Raw != int64(len(all.Changes)) || all.Deduplicated != 0 || all.Reordered != 0 {
		t.Errorf("V1 has no merge, and counts raw %d, dropped %d, moved %d of %d", all.Raw, all.Deduplicated, all.Reordered, len(all.Changes))
	}
}

func TestV1SnapshotsSayWhereTheyWereTaken(t *testing.T) {
	p := processortest.Plan(processortest.Running())
	v1 := newV1(t, p).(processors.Snapshotter)
	fresh, err := v1.Snapshot()
	if err != nil || fresh.Position != 0 || fresh.Watermark != row.NoWatermark {
		t.Fatalf("before the first batch: %+v, %v", fresh, err)
	}
	batches := processortest.Batches(processortest.RandomTrades(22, 50), 20, false)
	run(t, v1.(processors.Processor), batches)
	s, err := v1.Snapshot()
	if err != nil || s.Position != 50 || s.Watermark != batches[2].Watermark() {
		t.Errorf("after 50 records up to %d: position %d, watermark %d, %v", batches[2].Watermark(), s.Position, s.Watermark, err)
	}
	if err := v1.Restore(&state.Snapshot{Queries: make([][]state.Entry, 2)}); err == nil || !strings.Contains(err.Error(), "2 stages") {
		t.Errorf("the snapshot of another plan is taken: %v", err)
	}
}

func TestV1CountsItsWorkAsOnePartition(t *testing.T) {
	v1 := newV1(t, processortest.Plan(processortest.Running()))
	trades := processortest.RandomTrades(23, 300)
	run(t, v1, processortest.Batches(trades, 100, true))
	decodable := int64(0)
	for _, b := range processortest.Batches(trades, 300, false) {
		for i := range b.Len() {
			if b.Record(i).State != row.Undecodable {
				decodable++
			}
		}
	}
	snapshot, err := v1.(processors.Snapshotter).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	groups := int64(len(snapshot.Queries[0]))
	stats := v1.(processors.Meter).Partitions()
	if len(stats) != 1 || stats[0].Records != decodable || stats[0].Keys != groups || groups == 0 {
		t.Errorf("counts are %+v, of %d records and %d groups", stats, decodable, groups)
	}
}

func TestV1DoesNotStartABatchThatIsCalledOff(t *testing.T) {
	v1 := newV1(t, processortest.Plan(processortest.Running()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v1.Process(ctx, processortest.Batches(processortest.RandomTrades(24, 5), 5, false)[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if s, err := v1.(processors.Snapshotter).Snapshot(); err != nil || len(s.Queries[0]) != 0 {
		t.Errorf("it changed the state: %+v, %v", s, err)
	}
}

// endsInTheMiddle is a context that ends when a batch has begun.
type endsInTheMiddle struct {
	context.Context
	looks int
}

func (c *endsInTheMiddle) Err() error {
	if c.looks++; c.looks == 1 {
		return nil
	}
	return context.Canceled
}

func (c *endsInTheMiddle) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func TestV1EndsInTheMiddleOfABatch(t *testing.T) {
	for name, p := range plans {
		t.Run(name, func(t *testing.T) {
			b := processortest.Batches(processortest.RandomTrades(24, 5), 5, false)[0]
			o, err := newV1(t, p()).Process(&endsInTheMiddle{Context: t.Context()}, b)
			if !errors.Is(err, context.Canceled) || o != nil {
				t.Errorf("got %v, %v", o, err)
			}
		})
	}
}

// TestWhatV1WasFrozenAtIsItsStateOfThen: another processor that is given it much
// later goes on as V1 did.
func TestWhatV1WasFrozenAtIsItsStateOfThen(t *testing.T) {
	p := processortest.Plan(processortest.Totals(plan.EmitChanges), processortest.Totals(plan.EmitFinal), processortest.Running())
	batches := processortest.Batches(processortest.RandomTrades(31, 3000), 100, true)
	v1 := newV1(t, p)
	run(t, v1, batches[:10])
	frozen, err := processors.Freeze(v1)
	if err != nil {
		t.Fatal(err)
	}
	want := run(t, v1, batches[10:]).Changes
	v2 := newV2(t, p, 3, partitions.Hooks{})
	if err := v2.Restore(frozen.Snapshot()); err != nil {
		t.Fatal(err)
	}
	sameRows(t, "restored", run(t, v2, batches[10:]).Changes, want)
}
