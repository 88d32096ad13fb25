package bench

import (
	"testing"

	"parallax/shadow/workload"
)

// BenchmarkDecode measures only the part of direct that decodes raw records into batches.
func BenchmarkDecode(b *testing.B) {
	const records, batch = 200_000, 10_000
	for _, id := range []string{"0", "2", "3b"} {
		s, err := workload.Lookup(id)
		if err != nil {
			b.Fatal(err)
		}
		q, err := newQuery(s.SQL)
		if err != nil {
			b.Fatal(err)
		}
		in := NewInput(s, workload.Options{Records: records, Seed: 1})
		b.Run(id, func(b *testing.B) {
			b.ReportAllocs()
			cut, err := q.cutter(in)
			if err != nil {
				b.Fatal(err)
			}
			clock := q.clock()
			for b.Loop() {
				rows := 0
				for from := 0; from < records; from += batch {
					one, err := cut.decode(0, from, from+batch)
					if err != nil {
						b.Fatal(err)
					}
					clock.tick(one)
					rows += one.Table(0).Len()
					one.Release()
				}
				if rows != records {
					b.Fatalf("%d rows", rows)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/records, "ns/record")
		})
	}
}
