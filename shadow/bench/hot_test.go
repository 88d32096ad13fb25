package bench

import (
	"os"
	"testing"

	"parallax/shadow/workload"
)

func BenchmarkHot(b *testing.B) {
	s, _ := workload.Lookup(os.Getenv("SCEN"))
	in := NewInput(s, workload.Options{Records: 20000, Seed: 1})
	q, _ := newQuery(s.SQL, in)
	b.Run("direct", func(b *testing.B) {
		for b.Loop() {
			out := output{}
			q.direct(in, 1000, &out)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/20000, "ns/record")
	})
}
