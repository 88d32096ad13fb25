package exec_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"parallax/processors"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/processors/state"
)

// BenchmarkFreeze freezes a million entries of each operator, twenty times. It reports for how
// long V1 stops, and the time for a record of a known key: without a frozen state, and while a
// goroutine reads one.
func BenchmarkFreeze(b *testing.B) {
	for _, s := range benchStates {
		b.Run(s.name, func(b *testing.B) {
			v1, p := benchV1(b, s.query)
			var pauses []time.Duration
			for b.Loop() {
				for range 20 {
					start := time.Now()
					if _, err := v1.Freeze(); err != nil {
						b.Fatal(err)
					}
					pauses = append(pauses, time.Since(start))
					runtime.GC() // nothing refers to the state any more
					benchRun(b, v1, p, 2)
				}
			}
			slices.Sort(pauses)
			ms := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
			b.ReportMetric(ms(pauses[len(pauses)/2]), "p50-ms")
			b.ReportMetric(ms(pauses[len(pauses)*99/100]), "p99-ms")
			b.ReportMetric(ms(pauses[len(pauses)-1]), "max-ms")
			b.ReportMetric(0, "ns/op")
			const batches = 50
			runtime.GC()
			b.ReportMetric(benchRun(b, v1, p, batches), "alone-ns/record")
			frozen, err := v1.Freeze()
			if err != nil {
				b.Fatal(err)
			}
			stop, stopped := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(stopped)
				benchRead(frozen, stop)
			}()
			b.ReportMetric(benchRun(b, v1, p, batches), "read-ns/record")
			close(stop)
			<-stopped
		})
	}
}

// benchV1 runs a script over a million records of each source, each of another symbol.
func benchV1(b *testing.B, query string) (*pipeline.V1, *plan.Plan) {
	p, err := plan.Compile(benchTrades+query, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		b.Fatal(err)
	}
	v1, err := pipeline.New(p, processors.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for first := 0; first < benchEntries; first += benchBatchSize {
		benchProcess(b, v1, benchBatch(p, first, benchBatchSize))
	}
	return v1, p
}

func benchProcess(b *testing.B, v1 *pipeline.V1, batch *row.Batch) time.Duration {
	start := time.Now()
	o, err := v1.Process(b.Context(), batch)
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(start)
	o.Release()
	return took
}

// benchRun runs so many batches of known keys and returns the time for a record, in ns.
func benchRun(b *testing.B, v1 *pipeline.V1, p *plan.Plan, batches int) float64 {
	const size = 1000
	var took time.Duration
	n := 0
	for i := range batches {
		batch := benchBatch(p, i*7919%(benchEntries/size)*size, size)
		n += batch.Len()
		took += benchProcess(b, v1, batch)
	}
	return float64(took.Nanoseconds()) / float64(n)
}

// benchRead reads a frozen state again and again.
func benchRead(f *state.Frozen, stop <-chan struct{}) {
	for {
		for _, entries := range f.Stages {
			for range entries {
				select {
				case <-stop:
					return
				default:
				}
			}
		}
	}
}
