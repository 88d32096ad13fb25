package ingest_test

import (
	"testing"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// BenchmarkNext is the cost of a record in the input order: three topic-partitions, merged, with
// the memory of the batches before.
func BenchmarkNext(b *testing.B) {
	const perChunk = 1000
	s := ingest.NewSequencer(testSources)
	var parts []row.TopicPartition
	for partition := range int32(3) {
		parts = append(parts, row.TopicPartition{Topic: "t", Partition: partition})
		s.Add(parts[partition])
		s.CaughtUp(parts[partition], true)
	}
	offset := int64(0)
	for b.Loop() {
		for _, at := range parts {
			c := ingest.Chunk{Records: s.Memory().Records(perChunk), Table: s.Memory().Table(0, 0)}
			for i := range int64(perChunk) {
				c.Records = append(c.Records, row.Record{TopicPartition: at, Offset: offset + i, EventTime: offset + i, Row: -1})
			}
			s.Push(at, c)
		}
		offset += perChunk
		for n := 0; n < len(parts)*perChunk; {
			batch := s.Next(1000)
			n += batch.Len()
			batch.Release()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(parts)*perChunk), "ns/record")
}

// BenchmarkOrderHash is the cost of a thousand records in the hash of the order.
func BenchmarkOrderHash(b *testing.B) {
	key, h := ingest.OrderKeyOf(row.TopicPartition{Topic: "t"}), ingest.OrderHash(0)
	for b.Loop() {
		for offset := range int64(1000) {
			h = h.Take(key, offset)
		}
	}
	if h == 0 {
		b.Error("no hash")
	}
}
