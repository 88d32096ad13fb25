package processors_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/route"
	"parallax/processors/row"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plans are what the tests below run: each kind of routing, and all at once.
var plans = map[string]func() *plan.Plan{
	"windowed, EMIT CHANGES": func() *plan.Plan { return processortest.Plan(processortest.Totals(plan.EmitChanges)) },
	"windowed, EMIT FINAL":   func() *plan.Plan { return processortest.Plan(processortest.Totals(plan.EmitFinal)) },
	"without a window":       func() *plan.Plan { return processortest.Plan(processortest.Running()) },
	"a global aggregate":     func() *plan.Plan { return processortest.Plan(processortest.Everything()) },
	"a projection":           func() *plan.Plan { return processortest.Plan(processortest.Large()) },
	"several queries": func() *plan.Plan {
		return processortest.Plan(processortest.Large(), processortest.Totals(plan.EmitFinal), processortest.Running(),
			processortest.Everything(), processortest.Totals(plan.EmitChanges))
	},
}

func newV1(t *testing.T, p *plan.Plan) processors.Processor {
	t.Helper()
	v1, err := pipeline.New(p, processors.Options{LateToDeadLetter: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeIt(t, v1) })
	return v1
}

func newV2(t *testing.T, p *plan.Plan, n int, hooks partitions.Hooks) *partitions.V2 {
	t.Helper()
	cfg := processors.Config{Architecture: processors.ArchitectureV2, Partitions: n}
	v2, err := partitions.New(p, cfg, processors.Options{LateToDeadLetter: true}, hooks)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeIt(t, v2) })
	return v2
}

func closeIt(t *testing.T, p processors.Processor) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func run(t *testing.T, p processors.Processor, batches []*row.Batch) *processortest.Total {
	t.Helper()
	total, err := processortest.Run(p, batches)
	if err != nil {
		t.Fatal(err)
	}
	return total
}

func TestV2SaysWhatV1SaysAtAnyPartitionCountAndCut(t *testing.T) {
	trades := processortest.RandomTrades(7, 3000)
	for name, p := range plans {
		t.Run(name, func(t *testing.T) {
			want := run(t, newV1(t, p()), processortest.Batches(trades, len(trades), true))
			if len(want.Changes) == 0 {
				t.Fatal("V1 has no rows: this shows nothing")
			}
			for _, n := range []int{1, 2, 3, 7} {
				for _, size := range []int{1, 17, 256, len(trades)} {
					got := run(t, newV2(t, p(), n, partitions.Hooks{}), processortest.Batches(trades, size, true))
					if d := got.Difference(want); d != "" {
						t.Errorf("v2:%d in batches of %d: %s", n, size, d)
					}
					if got.Deduplicated != 0 || got.Reordered != 0 {
						t.Errorf("v2:%d in batches of %d: merge dropped %d and moved %d", n, size, got.Deduplicated, got.Reordered)
					}
				}
			}
		})
	}
}

func TestPipelinedBatchesComeOutInOrderAndTheSame(t *testing.T) {
	trades := processortest.RandomTrades(8, 4000)
	p := plans["several queries"]
	want := run(t, newV1(t, p()), processortest.Batches(trades, 4000, true))

	v2 := newV2(t, p(), 3, partitions.Hooks{})
	batches := processortest.Batches(trades, 50, true)
	go func() {
		for _, b := range batches {
			if err := v2.Submit(context.Background(), b); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	got := &processortest.Total{}
	for _, b := range batches {
		o, err := v2.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if o.Batch != b {
			t.Fatalf("batch %d came out in place of %d", o.Batch.Seq, b.Seq)
		}
		got.Add(o)
	}
	if d := got.Difference(want); d != "" {
		t.Error(d)
	}
}

func TestEachDecodableRecordIsCountedOnceOverThePartitions(t *testing.T) {
	trades := processortest.RandomTrades(9, 1000)
	decodable := int64(0)
	for _, tr := range trades {
		if !tr.Garbled {
			decodable++
		}
	}
	for name, p := range plans {
		v2 := newV2(t, p(), 3, partitions.Hooks{})
		run(t, v2, processortest.Batches(trades, 100, false))
		var records, keys int64
		for _, s := range v2.Partitions() {
			records += s.Records
			keys += s.Keys
			if s.Queue != 0 {
				t.Errorf("%s: %d batches wait after all came out", name, s.Queue)
			}
		}
		if records != decodable {
			t.Errorf("%s: the partitions count %d records of %d decodable ones", name, records, decodable)
		}
		if name == "without a window" && keys == 0 {
			t.Errorf("%s: no keys held", name)
		}
	}
}

func TestABatchIsOnlyRead(t *testing.T) {
	batches := processortest.Batches(processortest.RandomTrades(3, 500), 100, true)
	before := make([]uint64, len(batches))
	for i, b := range batches {
		before[i] = b.Checksum()
	}
	run(t, newV2(t, plans["several queries"](), 4, partitions.Hooks{}), batches)
	for i, b := range batches {
		if b.Checksum() != before[i] {
			t.Errorf("batch %d was written to", i)
		}
	}
}

func TestSubmitWaitsWhileTooManyBatchesAreInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v2, err := factory.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: 2}, plans["a projection"](), processors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer closeIt(t, v2)
		pipe := v2.(processors.Pipeliner)
		submitted := 0
		go func() {
			for _, b := range processortest.Batches(processortest.RandomTrades(1, 100), 1, false) {
				if pipe.Submit(t.Context(), b) != nil {
					return
				}
				submitted++
			}
		}()
		synctest.Wait()
		full := submitted
		if full == 0 || full == 100 {
			t.Fatalf("%d of 100 batches were taken with nobody taking outcomes", full)
		}
		if _, err := pipe.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if submitted != full+1 {
			t.Errorf("one outcome was taken and %d more batches went in", submitted-full)
		}
	})
}

func TestAStrategyThatSplitsStateIsRefusedWithTheQueryNamed(t *testing.T) {
	cfg := processors.Config{Architecture: processors.ArchitectureV2, Partitions: 2, Strategy: "round_robin"}
	_, err := factory.New(cfg, plans["without a window"](), processors.Options{})
	if !errors.Is(err, route.ErrSplitsState) || !strings.Contains(err.Error(), "query 0 (RUNNING)") {
		t.Errorf("got %v", err)
	}
	p, err := factory.New(cfg, plans["a projection"](), processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	closeIt(t, p)
}

func TestDescribeNamesTheResolvedConfiguration(t *testing.T) {
	d := newV2(t, plans["several queries"](), 3, partitions.Hooks{}).Describe()
	routing, err := partitions.RoutingOf(plans["several queries"](), processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3})
	if err != nil || len(routing) != 5 {
		t.Fatalf("%+v, %v", routing, err)
	}
	for i := range routing {
		routing[i].Records = make([]int64, 3)
	}
	want := processors.Description{Name: "v2:3", Version: "V2", Strategy: "round_robin,always_hash,fan_in,always_hash", Routing: routing}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("got %+v, want %+v", d, want)
	}
}

func TestTheFactoryMakesWhatItsConfigurationNames(t *testing.T) {
	for text, version := range map[string]string{"v1": "V1", "v2:2": "V2"} {
		cfg, err := processors.ParseConfig(text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := factory.New(cfg, plans["a projection"](), processors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Describe(); got.Version != version || got.Name != text {
			t.Errorf("%s: got %+v", text, got)
		}
		closeIt(t, p)
	}
	for _, a := range []processors.Architecture{"", processors.ArchitectureOff, processors.ArchitectureOracle} {
		if p, err := factory.New(processors.Config{Architecture: a}, plans["a projection"](), processors.Options{}); err == nil || p != nil {
			t.Errorf("%q: got %v, %v", a, p, err)
		}
	}
}

func TestTheStrongestDispositionOfSeveralQueriesCounts(t *testing.T) {
	queries := []func() *plan.Query{
		processortest.Large, func() *plan.Query { return processortest.Totals(plan.EmitFinal) }, processortest.Large,
	}
	batches := processortest.Batches(processortest.RandomTrades(13, 800), 100, false)
	var all []*plan.Query
	want := make([]row.Disposition, 800)
	for _, q := range queries {
		all = append(all, q())
		for i, d := range run(t, newV2(t, processortest.Plan(q()), 2, partitions.Hooks{}), batches).Dispositions {
			want[i] = max(want[i], d)
		}
	}
	got := run(t, newV2(t, processortest.Plan(all...), 2, partitions.Hooks{}), batches).Dispositions
	seen := map[row.Disposition]bool{}
	for i := range want {
		if seen[want[i]] = true; got[i] != want[i] {
			t.Fatalf("record %d has disposition %s, the strongest of its queries is %s", i, got[i], want[i])
		}
	}
	for _, d := range []row.Disposition{row.DispositionNone, row.Filtered, row.StateOnly, row.Output} {
		if !seen[d] {
			t.Errorf("no record has disposition %s: this shows less than it could", d)
		}
	}
}

func TestRecordsThatWaitForAPartitionAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		v2, err := partitions.New(plans["several queries"](), processors.Config{Architecture: processors.ArchitectureV2, Partitions: 2}, processors.Options{},
			partitions.Hooks{Before: func(partition, _ int, _ *row.Batch, _ []int32) bool {
				if partition == 1 {
					<-release
				}
				return true
			}})
		if err != nil {
			t.Fatal(err)
		}
		defer closeIt(t, v2)
		batches := processortest.Batches(processortest.RandomTrades(4, 400), 100, false)
		for _, b := range batches {
			if err := v2.Submit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		stuck := v2.Partitions()
		close(release)
		for range batches {
			if _, err := v2.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		done := v2.Partitions()
		// Partition 1 has begun its first batch; those of the other three wait.
		if s := stuck[1]; s.Queue != 3 || s.QueuedRecords == 0 || s.QueuedRecords >= done[1].Records || stuck[0].QueuedRecords != 0 {
			t.Errorf("while partition 1 hangs: %+v", stuck)
		}
		for i, s := range done {
			if s.QueuedRecords != 0 || s.Records == 0 {
				t.Errorf("partition %d at the end: %+v", i, s)
			}
		}
	})
}
