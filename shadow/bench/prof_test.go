package bench

import (
	"os"
	"testing"

	"parallax/shadow/workload"
)

func BenchmarkOne(b *testing.B) {
	s, err := workload.Lookup(os.Getenv("SCEN"))
	if err != nil {
		b.Fatal(err)
	}
	in := NewInput(s, workload.Options{Records: 200000, Seed: 1})
	q, err := newQuery(s.SQL, in)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		out := output{}
		if os.Getenv("DEC") != "" {
			c := q.cutter()
			for f := 0; f < 200000; f += 1000 {
				c.decode(0, f, f+1000).Release()
			}
			continue
		}
		if err := q.direct(in, 1000, &out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/200000, "ns/record")
}
