package bench

import (
	"fmt"
	"testing"

	"parallax/shadow/workload"
)

func BenchmarkPaths(b *testing.B) {
	const records = 200_000
	for _, id := range []string{"0", "1", "2", "2c", "3a", "3b", "session", "hopping", "join"} {
		s, err := workload.Lookup(id)
		if err != nil {
			b.Fatal(err)
		}
		in := NewInput(s, workload.Options{Records: records, Seed: 1})
		q, err := newQuery(s.SQL)
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range []struct {
			name string
			run  func(in *Input, batch int, out *output) error
		}{{"floor", floors[id]}, {"direct", q.direct}, {"v1", q.v1}} {
			b.Run(fmt.Sprintf("%s/%s", id, p.name), func(b *testing.B) {
				check := output{check: true}
				if err := p.run(in, 10_000, &check); err != nil {
					b.Fatal(err)
				}
				b.ReportAllocs()
				used := cpuTime()
				for b.Loop() {
					out := output{}
					if err := p.run(in, 10_000, &out); err != nil {
						b.Fatal(err)
					}
					if out.rows != check.rows || out.bytes != check.bytes {
						b.Fatal("other rows than before")
					}
				}
				b.ReportMetric(float64((cpuTime()-used).Nanoseconds())/float64(b.N)/records, "cpu-ns/record")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
				b.ReportMetric(float64(check.rows), "rows")
				b.ReportMetric(float64(check.sum%1e6), "check")
			})
		}
	}
}
