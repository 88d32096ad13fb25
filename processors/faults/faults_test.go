package faults_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"parallax/processors"
	"parallax/processors/faults"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const parts = 3

// outcome is a fault's V2 beside V1, over the same batches.
type outcome struct {
	v1, v2  *processortest.Total
	batches []*row.Batch
	err     error
	stats   []processors.PartitionStats
}

// scenario is the query that shows a fault: windowed totals, with EMIT FINAL
// where the fault asks for it, or OVER.
func scenario(k faults.Kind) *plan.Plan {
	switch k.Scenario {
	case "1":
		return processortest.Plan(processortest.Moving())
	case "distinct":
		return processortest.Plan(processortest.Pairs())
	case "limit":
		return compiled("SELECT trader, symbol, quantity FROM trades PARTITION BY trader, symbol LIMIT 100")
	case "seconds":
		return compiled("SELECT symbol, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 MINUTE) GROUP BY symbol EMIT CHANGES")
	case "late":
		return compiled("SELECT symbol, COUNT(*) AS n FROM trades WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 0 SECONDS) GROUP BY symbol EMIT FINAL")
	case "session":
		return compiled("SELECT trader, symbol, COUNT(*) AS n FROM trades WINDOW SESSION (1 SECOND, GRACE PERIOD 1 MINUTE) GROUP BY trader, symbol EMIT CHANGES")
	case "doubles":
		return compiled("SELECT symbol, COUNT(*) AS n, SUM(CAST(quantity AS DOUBLE) * 0.1) AS total FROM trades GROUP BY symbol EMIT FINAL")
	case "having":
		return compiled("SELECT trader, symbol, COUNT(*) AS n, SUM(quantity) AS total FROM trades GROUP BY trader, symbol HAVING COUNT(*) % 2 = 1 EMIT CHANGES")
	case "errors":
		return compiled("SELECT trader, symbol, COUNT(*) AS n, SUM(100 / (quantity % 5)) AS total FROM trades GROUP BY trader, symbol EMIT CHANGES")
	case "nulls":
		return compiled("SELECT COUNT(*) AS n FROM trades GROUP BY trader, NULLIF(symbol, 'SYM1') EMIT CHANGES")
	case "3a":
		return processortest.Plan(processortest.Totals(plan.EmitFinal))
	}
	return processortest.Plan(processortest.Totals(plan.EmitChanges))
}

// compiled is a query over the trades as processortest has them.
func compiled(query string) *plan.Plan {
	p, err := plan.Compile("CREATE STREAM trades (trader STRING, symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');\n"+query,
		plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		panic(err)
	}
	return p
}

func newFault(t *testing.T, text string) (processors.Processor, *plan.Plan) {
	t.Helper()
	f, err := faults.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	p := scenario(f.Kind)
	v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: parts}, p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v2.Close(); err != nil {
			t.Error(err)
		}
	})
	return v2, p
}

func run(t *testing.T, text string) *outcome {
	t.Helper()
	v2, p := newFault(t, text)
	v1, err := pipeline.New(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := v1.Close(); err != nil {
			t.Error(err)
		}
	}()
	o := &outcome{batches: processortest.Batches(processortest.RandomTrades(11, 2000), 200, true)}
	if o.v1, err = processortest.Run(v1, o.batches); err != nil {
		t.Fatal(err)
	}
	if len(o.v1.Changes) == 0 {
		t.Fatal("V1 has no rows: this shows nothing")
	}
	o.v2, o.err = processortest.Run(v2, o.batches)
	o.stats = v2.(processors.Meter).Partitions()
	return o
}

func TestEachFaultGoesWrongInItsOwnWay(t *testing.T) {
	for _, k := range faults.Catalogue() {
		show, known := shows[k.Name]
		if !known {
			t.Errorf("nothing says what %s does", k.Name)
		}
		if show == nil {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			o := run(t, k.Name)
			if o.err != nil && k.Name != "panic" {
				t.Fatal(o.err)
			}
			show(t, o)
		})
	}
}

func TestScaleWritesMoreDigitsAndTheSameNumber(t *testing.T) {
	f, err := faults.Parse("scale")
	if err != nil {
		t.Fatal(err)
	}
	p := compiled("SELECT symbol, AVG(CAST(quantity AS DECIMAL(10, 2))) AS mean FROM trades GROUP BY symbol EMIT CHANGES")
	v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: parts}, p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer v2.Close()
	v1, err := pipeline.New(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	batches := processortest.Batches(processortest.RandomTrades(11, 200), 50, true)
	want, err := processortest.Run(v1, batches)
	if err != nil {
		t.Fatal(err)
	}
	got, err := processortest.Run(v2, batches)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Changes {
		a, b := want.Changes[i].Values[1], got.Changes[i].Values[1]
		if a.IsNull() {
			continue
		}
		if b.String() != a.String()+"00" {
			t.Fatalf("%s is written as %s", a, b)
		}
	}
}

// runBeside runs V1 and a fault's V2 over the same batches of one query.
func runBeside(t *testing.T, fault string, p *plan.Plan, opt processors.Options) (v1, v2 *processortest.Total) {
	t.Helper()
	f, err := faults.Parse(fault)
	if err != nil {
		t.Fatal(err)
	}
	candidate, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: parts}, p, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer candidate.Close()
	control, err := pipeline.New(p, opt)
	if err != nil {
		t.Fatal(err)
	}
	batches := processortest.Batches(processortest.RandomTrades(11, 200), 50, true)
	if v1, err = processortest.Run(control, batches); err != nil {
		t.Fatal(err)
	}
	if v2, err = processortest.Run(candidate, batches); err != nil {
		t.Fatal(err)
	}
	return v1, v2
}

func TestSwapOutputsKeepsEachOutputsOrder(t *testing.T) {
	p, err := plan.Compile("CREATE STREAM trades (trader STRING, symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');\n"+
		"CREATE TABLE by_trader AS SELECT trader, COUNT(*) AS n FROM trades GROUP BY trader EMIT CHANGES;\n"+
		"CREATE TABLE by_symbol AS SELECT symbol, COUNT(*) AS n FROM trades GROUP BY symbol EMIT CHANGES;", plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v1, v2 := runBeside(t, "swap-outputs", p, processors.Options{})
	if same(v1.Changes, v2.Changes) {
		t.Error("no rows are swapped")
	}
	for query := range uint16(2) {
		of := func(rows []row.Change) []row.Change {
			return slices.DeleteFunc(slices.Clone(rows), func(c row.Change) bool { return c.Query != query })
		}
		if !same(of(v1.Changes), of(v2.Changes)) {
			t.Errorf("the rows of query %d differ", query)
		}
	}
}

func TestLoseDeadLettersLosesNothingElse(t *testing.T) {
	p := compiled("SELECT trader, symbol, COUNT(*) AS n, SUM(100 / (quantity % 5)) AS total FROM trades GROUP BY trader, symbol EMIT CHANGES")
	v1, v2 := runBeside(t, "lose-dead-letters", p, processors.Options{ErrorsToDeadLetter: true})
	if len(v1.DeadLetters) == 0 || len(v2.DeadLetters) != 0 {
		t.Errorf("V1 has %d dead letters, V2 %d", len(v1.DeadLetters), len(v2.DeadLetters))
	}
	if !same(v1.Changes, v2.Changes) {
		t.Error("the rows differ")
	}
}

func TestOutsideItsRangeAFaultDoesNothing(t *testing.T) {
	for _, k := range faults.Catalogue() {
		if slices.Contains([]string{"echo", "hang", "limit-split", "session-global", "swallow-error"}, k.Name) { // they take no range
			continue
		}
		o := run(t, k.Name+"@100000")
		if o.err != nil {
			t.Errorf("%s: %v", k.Name, o.err)
		} else if d := o.v2.Difference(o.v1); d != "" {
			t.Errorf("%s before its range: %s", k.Name, d)
		}
	}
	// Rows of order and number recover after their range.
	for _, text := range []string{"duplicate@301-450", "key-reorder@301-450", "interleave@301-450", "conflate@301-450", "silent@301-450"} {
		o := run(t, text)
		outside := func(rows []row.Change) []row.Change {
			return slices.DeleteFunc(slices.Clone(rows), func(c row.Change) bool { return c.Position >= 300 && c.Position < 450 })
		}
		if same(o.v1.Changes, o.v2.Changes) {
			t.Errorf("%s: no difference", text)
		}
		if !same(outside(o.v1.Changes), outside(o.v2.Changes)) {
			t.Errorf("%s: there is a difference outside the range", text)
		}
	}
}

func TestAFaultIsTheSameEachTime(t *testing.T) {
	for _, k := range faults.Catalogue() {
		if k.Name == "hang" {
			continue
		}
		a, b := run(t, k.Name), run(t, k.Name)
		if d := a.v2.Difference(b.v2); d != "" {
			t.Errorf("%s: %s", k.Name, d)
		}
		if (a.err == nil) != (b.err == nil) || a.err != nil && a.err.Error() != b.err.Error() {
			t.Errorf("%s: %v, then %v", k.Name, a.err, b.err)
		}
	}
}

func TestAHungV2HeedsNoContextAndGoesOnWhenReleased(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := scenario(faults.Kind{})
		f, err := faults.Parse("hang@250")
		if err != nil {
			t.Fatal(err)
		}
		v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: parts}, p, processors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		hung := v2.(*faults.Hung)
		batches := processortest.Batches(processortest.RandomTrades(12, 400), 200, false)
		if _, err := hung.Process(t.Context(), batches[0]); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := hung.Process(ctx, batches[1])
			done <- err
		}()
		cancel()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("came back: %v", err)
		default:
		}
		if err := hung.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, partitions.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
		if n := hung.Leaked(); n != 1 {
			t.Errorf("%d goroutines are left behind, want 1", n)
		}
		hung.Release()
		synctest.Wait()
		if n := hung.Leaked(); n != 0 {
			t.Errorf("%d goroutines are left behind after the release", n)
		}
	})
}

func TestAV2WithoutBoundHoldsMoreWithEachStruckRecord(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	batches := processortest.Batches(processortest.RandomTrades(13, 4000), 1000, false)
	v2, p := newFault(t, "memory@1001-3000")
	v1, err := pipeline.New(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := processortest.Run(v1, batches)
	if err != nil {
		t.Fatal(err)
	}
	got := &processortest.Total{}
	var grown [4]int64
	for i, b := range batches {
		before := heap()
		o, err := v2.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		got.Add(o)
		grown[i] = heap() - before
	}
	if d := got.Difference(want); d != "" {
		t.Error(d)
	}
	// Of 1000 records, some are undecodable or null.
	const most, least = 18 << 20, 14 << 20
	for i, struck := range []bool{false, true, true, false} {
		if g := grown[i]; struck && (g < least || g > most) || !struck && g > least/4 {
			t.Errorf("batch %d: the heap grew by %d bytes", i, g)
		}
	}
	runtime.KeepAlive(v2)
}

func TestAV2ThatTakesAFaultsPlaceGoesOnCounting(t *testing.T) {
	f, err := faults.Parse("silent@1-400")
	if err != nil {
		t.Fatal(err)
	}
	p := scenario(f.Kind)
	batches := processortest.Batches(processortest.RandomTrades(14, 800), 200, false)
	for i, part := range [][]*row.Batch{batches[:1], batches[1:2], batches[2:3], batches[3:]} {
		v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: parts}, p, processors.Options{})
		if err != nil {
			t.Fatal(err)
		}
		o, err := processortest.Run(v2, part)
		if err != nil {
			t.Fatal(err)
		}
		if silent := len(o.Changes) == 0; silent != (i < 2) {
			t.Errorf("the V2 that gets batch %d emits %d rows", i, len(o.Changes))
		}
		if err := v2.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAFaultThatNeedsPartitionsGetsOrWantsThem(t *testing.T) {
	f, err := faults.Parse("interleave")
	if err != nil {
		t.Fatal(err)
	}
	p := scenario(f.Kind)
	if _, err := f.New(processors.Config{Architecture: processors.ArchitectureV2, Partitions: 1}, p, processors.Options{}); err == nil {
		t.Error("one partition cannot be out of order with another")
	}
	if _, err := f.New(processors.Config{Architecture: processors.ArchitectureV1}, p, processors.Options{}); err == nil {
		t.Error("V1 has no such fault")
	}
	v2, err := f.New(processors.Config{Architecture: processors.ArchitectureV2}, p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := v2.(processors.Meter).Partitions(); len(got) < 2 {
		t.Errorf("got %d partitions, want at least 2", len(got))
	}
	if err := v2.Close(); err != nil {
		t.Error(err)
	}
}
