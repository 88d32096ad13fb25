package ingest_test

import (
	"testing"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// BenchmarkNext is the cost of a record in the input order: three topic-partitions, merged, with
// the memory of the batches before; without a journal, and with one of records that were all
// there, and of records of which each was taken while a fourth topic-partition had none.
func BenchmarkNext(b *testing.B) {
	b.Run("without journal", func(b *testing.B) { benchmarkNext(b, 3, false) })
	b.Run("journal=all there", func(b *testing.B) { benchmarkNext(b, 3, true) })
	b.Run("journal=one silent", func(b *testing.B) { benchmarkNext(b, 4, true) })
}

// benchmarkNext merges three topic-partitions of so many; the others are silent.
func benchmarkNext(b *testing.B, all int32, keepsJournal bool) {
	const perChunk, filled = 1000, 3
	s := ingest.NewSequencer(testSources)
	var parts []row.TopicPartition
	for partition := range all {
		parts = append(parts, row.TopicPartition{Topic: "t", Partition: partition})
		s.Add(parts[partition])
		s.CaughtUp(parts[partition], true)
	}
	if keepsJournal {
		s.KeepJournal()
	}
	var journal ingest.Journal
	offset := int64(0)
	for b.Loop() {
		for _, at := range parts[:filled] {
			c := ingest.Chunk{Records: s.Memory().Records(perChunk), Table: s.Memory().Table(0, 0)}
			for i := range int64(perChunk) {
				c.Records = append(c.Records, row.Record{TopicPartition: at, Offset: offset + i, EventTime: offset + i, Row: -1})
			}
			s.Push(at, c)
		}
		offset += perChunk
		for n := 0; n < filled*perChunk; {
			batch := s.Next(ingest.AtMost(1000))
			n += batch.Len()
			s.AppendJournal(&journal)
			batch.Release()
		}
		journal.Runs = journal.Runs[:0]
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*filled*perChunk), "ns/record")
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
