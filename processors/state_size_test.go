package processors_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"parallax/processors"
	"parallax/processors/factory"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// manyKeys is a query whose state is a group for each symbol.
func manyKeys(tb testing.TB, emit string) *plan.Plan {
	tb.Helper()
	p, err := plan.Compile(`
		CREATE STREAM trades (symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');
		CREATE TABLE totals WITH (kafka_topic='totals') AS SELECT symbol, COUNT(*) AS n, SUM(quantity) AS total, MAX(quantity) AS most
		FROM trades GROUP BY symbol EMIT `+emit+`;`, plan.BuildOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

const (
	symbolBytes = 16
	// What the query needs of a key: a count, the sum with its count, the largest
	// with its count.
	stateWords = 1 + 3 + 2
)

// inTurn makes batches of one record for each of so many keys.
func inTurn(p *plan.Plan, keys int, process func(*row.Batch)) {
	const size = 10_000
	for first := 0; first < keys; first += size {
		n := min(size, keys-first)
		table, records := row.NewTable(p.Sources[0], n), make([]row.Record, n)
		for i := range records {
			at := int64(first + i)
			table.Columns[0].AppendStr(fmt.Sprintf("SYMBOL%0*d", symbolBytes-len("SYMBOL"), at))
			table.Columns[1].AppendInt64(at)
			records[i] = row.Record{
				TopicPartition: row.TopicPartition{Topic: "trades"}, Offset: at,
				Timestamp: at, EventTime: at, Watermark: at, Row: int32(table.EndRow()),
			}
		}
		process(row.NewBatch(0, 0, records, []*row.Table{table}))
	}
}

func liveHeap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// sizeOf returns how many bytes of heap a key takes in a processor above the
// text of its key and the words of its state, and how long a record of a key
// that is known takes.
func sizeOf(tb testing.TB, p processors.Processor, q *plan.Plan, keys int) (bytes float64, took time.Duration) {
	tb.Helper()
	process := func(b *row.Batch) {
		start := time.Now()
		o, err := p.Process(tb.Context(), b)
		took += time.Since(start)
		if err != nil {
			tb.Fatal(err)
		}
		o.Release()
	}
	before := liveHeap()
	inTurn(q, keys, process)
	took = 0
	inTurn(q, keys, process)
	bytes = float64(liveHeap()-before)/float64(keys) - symbolBytes - 8*stateWords
	runtime.KeepAlive(p)
	return bytes, took / time.Duration(keys)
}

// TestAKeyTakesLittleMoreThanWhatItHolds: the bar is 200 bytes above key and
// values.
func TestAKeyTakesLittleMoreThanWhatItHolds(t *testing.T) {
	const keys, most = 500_000, 200
	q := manyKeys(t, "FINAL")
	if bytes, _ := sizeOf(t, newV1(t, q), q, keys); bytes > most || bytes < 0 {
		t.Errorf("a key takes %.0f bytes above its text and its numbers, want at most %d", bytes, most)
	}
}

// BenchmarkState shows what a key takes and that neither that nor the time of a
// record grows with the number of keys, but for the caches of the machine; and for
// how long V1 stops where its state is fixed, how long the copy takes elsewhere, and
// what a record costs while the pages are copied that it writes to.
func BenchmarkState(b *testing.B) {
	for _, emit := range []string{"FINAL", "CHANGES"} {
		for _, path := range []string{"v1", "v2:4"} {
			for _, keys := range []int{10_000, 100_000, 1_000_000} {
				b.Run(fmt.Sprintf("%s/%s/%d", emit, path, keys), func(b *testing.B) {
					q := manyKeys(b, emit)
					cfg, err := processors.ParseConfig(path)
					if err != nil {
						b.Fatal(err)
					}
					for b.Loop() {
						p, err := factory.New(cfg, q, processors.Options{})
						if err != nil {
							b.Fatal(err)
						}
						bytes, took := sizeOf(b, p, q, keys)
						b.ReportMetric(bytes, "bytes/key")
						start := time.Now()
						frozen, err := processors.Freeze(p)
						if err != nil {
							b.Fatal(err)
						}
						b.ReportMetric(time.Since(start).Seconds()*1e3, "ms/stop")
						start = time.Now()
						frozen.Snapshot()
						b.ReportMetric(time.Since(start).Seconds()*1e3, "ms/copy")
						// The first record of each page that was shared copies it.
						again := time.Duration(0)
						inTurn(q, keys, func(batch *row.Batch) {
							start := time.Now()
							o, err := p.Process(b.Context(), batch)
							again += time.Since(start)
							if err != nil {
								b.Fatal(err)
							}
							o.Release()
						})
						b.ReportMetric(float64(again.Nanoseconds())/float64(keys), "ns/record-after")
						b.ReportMetric(float64(took.Nanoseconds()), "ns/record")
						if err := p.Close(); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}
