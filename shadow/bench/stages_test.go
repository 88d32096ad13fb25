package bench

import (
	"testing"

	"parallax/processors/exec"
	"parallax/processors/row"
	"parallax/shadow/workload"
)

// BenchmarkStages measures direct's stages by themselves: decode all batches, run
// a new engine over them, encode what it made. Batches are as long as direct's,
// and each stage comes round to its memory as late as there.
func BenchmarkStages(b *testing.B) {
	const records, size = 200_000, 10_000
	for _, id := range []string{"0", "2", "2c", "3a", "3b"} {
		s, err := workload.Lookup(id)
		if err != nil {
			b.Fatal(err)
		}
		q, err := newQuery(s.SQL, NewInput(s, workload.Options{Records: records, Seed: 1}))
		if err != nil {
			b.Fatal(err)
		}
		var batches []*row.Batch
		cut, clock := q.cutter(), newClock()
		for from := 0; from < records; from += size {
			batch := cut.decode(int64(len(batches)), from, from+size)
			clock.tick(batch)
			batches = append(batches, batch)
		}
		batches = append(batches, row.NewFlush(int64(len(batches)), records, 1))
		report := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
		}
		b.Run(id+"/decode", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cut := q.cutter()
				for from := 0; from < records; from += size {
					cut.decode(0, from, from+size).Release()
				}
			}
			report(b)
		})
		b.Run(id+"/engine", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				results := make([]exec.Result, 1)
				runAll(b, q, batches, func(int) *exec.Result { return &results[0] })
			}
			report(b)
		})
		b.Run(id+"/encode", func(b *testing.B) {
			results := make([]exec.Result, len(batches))
			runAll(b, q, batches, func(i int) *exec.Result { return &results[i] })
			b.ReportAllocs()
			var key, value []byte
			for b.Loop() {
				var out output
				encoders := q.encoders()
				for i := range results {
					key, value = encode(encoders, results[i].Changes, key, value, &out)
				}
			}
			report(b)
		})
	}
}

func runAll(b *testing.B, q *query, batches []*row.Batch, result func(int) *exec.Result) {
	engine, err := exec.New(q.plan.Queries[0], exec.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for i, batch := range batches {
		out := result(i)
		out.Reset(make([]row.Disposition, batch.Len()))
		engine.RunAll(batch, out)
	}
}
