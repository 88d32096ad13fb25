package ingest_test

import (
	"testing"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// BenchmarkNext is the cost of a record in the input order: three topic-partitions, merged.
func BenchmarkNext(b *testing.B) {
	const perChunk = 1000
	for b.Loop() {
		b.StopTimer()
		s := ingest.NewSequencer(testSources)
		for partition := range int32(3) {
			at := row.TopicPartition{Topic: "t", Partition: partition}
			s.Add(at)
			c := ingest.Chunk{Records: make([]row.Record, perChunk)}
			for i := range c.Records {
				c.Records[i] = row.Record{TopicPartition: at, Offset: int64(i), EventTime: int64(i), Row: -1}
			}
			s.Push(at, c)
			s.End(at)
		}
		b.StartTimer()
		for n := 0; n < 3*perChunk; {
			batch := s.Next(1000)
			n += batch.Len()
			batch.Release()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*3*perChunk), "ns/record")
}
