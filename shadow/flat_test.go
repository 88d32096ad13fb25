package shadow_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
)

// endless is an input of so many records of so many keys, a millisecond of event
// time each, that says at each tenth of the way how much the heap holds then.
type endless struct {
	p             *plan.Plan
	records, keys int64
	at, seq       int64
	symbols       []string
	live          []float64 // MiB
}

func (s *endless) Next(context.Context) (*row.Batch, error) {
	const size = 100 // so that what is on its way is little
	if s.at > s.records {
		return nil, io.EOF
	}
	if s.at%(s.records/10) == 0 && s.at > 0 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		s.live = append(s.live, float64(m.HeapAlloc)/(1<<20))
	}
	if s.at == s.records {
		s.at++
		return row.NewFlush(s.seq, s.records, 1), nil
	}
	table, records := row.NewTable(s.p.Sources[0], size), make([]row.Record, size)
	for i := range records {
		n := s.at + int64(i)
		table.Columns[0].AppendStr(s.symbols[n*7919%s.keys])
		table.Columns[1].AppendInt64(n % 1000)
		records[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "trades"}, Offset: n, Timestamp: n, EventTime: n, Watermark: n, Row: int32(table.EndRow())}
	}
	b := row.NewBatch(s.seq, s.at, records, []*row.Table{table})
	s.seq++
	s.at += size
	return b, nil
}

// kept keeps nothing.
type kept struct{}

func (kept) Emit(context.Context, *row.Batch, []row.Change, []row.DeadLetter) error { return nil }
func (kept) Commit(context.Context) error                                           { return nil }

// heapOver runs V1 and V2 side by side over an input and returns what the heap
// holds at each tenth of it.
func heapOver(tb testing.TB, records int64) []float64 {
	tb.Helper()
	p, err := plan.Compile(`
		CREATE STREAM trades (symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');
		CREATE TABLE minutes WITH (kafka_topic='minutes') AS SELECT symbol, COUNT(*) AS n, SUM(quantity) AS total FROM trades
		WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS) GROUP BY symbol EMIT CHANGES;
		CREATE TABLE totals WITH (kafka_topic='totals') AS SELECT symbol, COUNT(*) AS n, MAX(quantity) AS most FROM trades GROUP BY symbol EMIT CHANGES;`, plan.BuildOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	in := &endless{p: p, records: records, keys: 10_000}
	for i := range in.keys {
		in.symbols = append(in.symbols, fmt.Sprintf("SYMBOL%05d", i))
	}
	cfg := shadow.Config{Candidate: candidate.Default(), Commit: shadow.DefaultCommit()}
	cfg.Candidate.OnOverload = candidate.Block
	cfg.Commit.MaxRecords = 1000 // what waits for its commit is on its way, too
	v2, err := processors.ParseConfig("v2:4")
	if err != nil {
		tb.Fatal(err)
	}
	j := shadow.Job{
		Source: in, Output: kept{}, Config: cfg,
		Control:   func() (processors.Processor, error) { return pipeline.New(p, processors.Options{}) },
		Candidate: func() (processors.Processor, error) { return factory.New(v2, p, processors.Options{}) },
	}
	for _, q := range p.Queries {
		j.Sinks = append(j.Sinks, q.Sink)
	}
	r, err := shadow.New(j)
	if err != nil {
		tb.Fatal(err)
	}
	rep, err := r.Run(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if rep.Ledger.Compared != records || rep.Diff.Roots() != 0 {
		tb.Fatalf("ledger %+v, %+v", rep.Ledger, rep.Diff.ByClass)
	}
	return in.live
}

// TestWhatIsHeldDoesNotGrowWithTheRecords: after four tenths every key is known,
// windows have closed, and what is used again is there. What is on its way comes and
// goes, so it is the least that counts; thirty bytes kept of a record would be 9 MiB.
func TestWhatIsHeldDoesNotGrowWithTheRecords(t *testing.T) {
	live := heapOver(t, 1_000_000)
	if last := slices.Min(live[7:]); last > slices.Min(live[4:7])+8 {
		t.Errorf("the heap held %.1f MiB at each tenth: it grows", live)
	}
	t.Logf("MiB at each tenth: %.1f", live)
}

// BenchmarkFlat is the same over ten million records.
func BenchmarkFlat(b *testing.B) {
	for b.Loop() {
		live := heapOver(b, 10_000_000)
		b.Logf("MiB at each million records: %.1f", live)
		b.ReportMetric(live[0], "MiB-at-1M")
		b.ReportMetric(live[4], "MiB-at-5M")
		b.ReportMetric(live[9], "MiB-at-10M")
	}
}
