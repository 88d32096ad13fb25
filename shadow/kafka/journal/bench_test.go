package journal_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"parallax/processors/row"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka/journal"
)

// BenchmarkRecord is the cost of a record of the input in the journal, where each was taken of a
// random topic-partition while another had none: the most that a journal can have.
func BenchmarkRecord(b *testing.B) {
	for _, records := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint("records=", records), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 1))
			r := journal.Record{Group: "parallax-trades", Generation: 1, Transaction: 1000, From: 1 << 30, To: 1<<30 + int64(records)}
			for partition := range int32(4) {
				r.Journal.Parts = append(r.Journal.Parts, row.TopicPartition{Topic: "trades", Partition: partition})
			}
			var all ingest.Journal
			for i := range records {
				one := ingest.Journal{Runs: []ingest.Run{{Position: r.From + int64(i), Count: 1, Part: random.Int32N(4)}}}
				all.Append(&one)
			}
			r.Journal.Runs = all.Runs
			codec := newCodec(b)
			bytes := 0
			for b.Loop() {
				bytes = len(codec.Value(&r))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*records), "ns/record")
			b.ReportMetric(float64(bytes)/float64(records), "B/record")
		})
	}
}
