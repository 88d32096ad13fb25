package processors_test

import (
	"fmt"
	"reflect"
	"testing"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

// outcomes takes batches through a processor and returns what it says of each.
func outcomes(t *testing.T, p processors.Processor, batches []*row.Batch) (list []*row.Outcome) {
	t.Helper()
	for _, b := range batches {
		o, err := p.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, o)
	}
	return list
}

// sameOutcomes says where two paths differ, batch by batch: in all that an outcome has.
func sameOutcomes(t *testing.T, what string, got, want []*row.Outcome) {
	t.Helper()
	for i := range want {
		a, b := got[i], want[i]
		for _, part := range []struct {
			name string
			a, b any
		}{
			{"rows", len(a.Changes), len(b.Changes)},
			{"dispositions", a.Dispositions, b.Dispositions},
			{"dead letters", a.DeadLetters, b.DeadLetters},
			{"counts", counts(a), counts(b)},
			{"strays", len(a.Strays), len(b.Strays)},
		} {
			if !reflect.DeepEqual(part.a, part.b) {
				t.Fatalf("%s, batch %d: %s are %v, want %v", what, i, part.name, part.a, part.b)
			}
		}
		for k := range b.Changes {
			x, y := &a.Changes[k], &b.Changes[k]
			if !row.EqualRow(x, y) || row.CompareOrder(x, y) != 0 || x.Cause != y.Cause || x.Partition != y.Partition {
				t.Fatalf("%s, batch %d: row %d is %s, want %s", what, i, k, processortest.Show(x), processortest.Show(y))
			}
		}
	}
}

func counts(o *row.Outcome) [6]int64 {
	return [6]int64{o.ExpressionErrors, o.Late, o.ClosedWindows, o.Raw, o.Deduplicated, o.Reordered}
}

// whole is a size of slices that no batch here reaches.
const whole = 1 << 20

func TestABatchInSlicesHasTheOutcomeThatItHasWhole(t *testing.T) {
	batches := processortest.Batches(processortest.RandomTrades(17, 1500), 400, true)
	for name, p := range plans {
		for _, config := range []string{"v1", "v2:1", "v2:3"} {
			t.Run(fmt.Sprint(name, "/", config), func(t *testing.T) {
				cfg, err := processors.ParseConfig(config)
				if err != nil {
					t.Fatal(err)
				}
				in := func(slice int) []*row.Outcome {
					proc, err := factory.New(cfg, p(), processors.Options{LateToDeadLetter: true, Slice: slice})
					if err != nil {
						t.Fatal(err)
					}
					defer closeIt(t, proc)
					return outcomes(t, proc, batches)
				}
				want := in(whole)
				for _, slice := range []int{1, 7, 64, 399, 400} {
					sameOutcomes(t, fmt.Sprint("slices of ", slice), in(slice), want)
				}
			})
		}
	}
}

// A partition that gives rows to a record that another one had, and gives them late, is
// found out in the same way whether the record is in the same slice or not.
func TestRowsThatComeASliceTooLateAreOrderedAndCountedAsInAWholeBatch(t *testing.T) {
	batches := processortest.Batches(processortest.RandomTrades(5, 90), 30, false)
	in := func(slice int) []*row.Outcome {
		v2, err := partitions.New(
			processortest.Plan(processortest.Running()), processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3},
			processors.Options{Slice: slice}, partitions.Hooks{After: func(partition, _ int, b *row.Batch, changes []row.Change) {
				if partition != 1 {
					return
				}
				for i := range changes { // the whole of its rows belong to earlier records
					changes[i].Position = max(0, changes[i].Position-9)
				}
			}},
		)
		if err != nil {
			t.Fatal(err)
		}
		defer closeIt(t, v2)
		return outcomes(t, v2, batches)
	}
	want := in(whole)
	for _, slice := range []int{1, 7, 10} {
		sameOutcomes(t, fmt.Sprint("slices of ", slice), in(slice), want)
	}
	for i, o := range want {
		for k := 1; k < len(o.Changes); k++ {
			if row.CompareOrder(&o.Changes[k-1], &o.Changes[k]) >= 0 {
				t.Fatalf("batch %d is not in order at row %d", i, k)
			}
		}
	}
}

// A batch that is cut into more slices than may be in flight comes out of one call.
func TestAVeryLargeBatchComesOutOfOneCall(t *testing.T) {
	batches := processortest.Batches(processortest.RandomTrades(3, 2000), 2000, true)
	p := func() *plan.Plan { return processortest.Plan(processortest.Totals(plan.EmitChanges)) }
	want := run(t, newV1(t, p()), batches)
	v2, err := partitions.New(p(), processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3}, processors.Options{LateToDeadLetter: true, Slice: 10}, partitions.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeIt(t, v2) })
	if d := run(t, v2, batches).Difference(want); d != "" {
		t.Error(d)
	}
}
