package limits

import (
	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Size is the limit of the size of what a topic accepts.
type Size struct {
	// Bytes is the largest size of a batch of records, as the broker stores it.
	Bytes int
	// KeepsCompression says that the broker stores a batch as its producer compressed
	// it. Otherwise the broker's own form of the batch must fit into Bytes.
	KeepsCompression bool
	// LettersOnly says that nothing but dead letters is written to the topic. Each of
	// them may be compressed, in a batch of its own.
	LettersOnly bool
}

// UnknownSize is the limit of a topic that cannot be described: by default every broker
// accepts this size.
var UnknownSize = Size{Bytes: 1_000_012}

const (
	// BatchOverhead is the size of a batch of records without its records.
	BatchOverhead = 61
	// clientOverhead is what the client counts for a batch in addition to what it writes.
	clientOverhead = 4
	// leastBatch and MostBatch are the limits between which the client accepts a batch's limit.
	leastBatch, MostBatch = 512, 1 << 30
	// largestLetter is the largest size of a dead letter before it is compressed.
	largestLetter = 64 << 20
	// largestRequest is the largest request that a broker accepts by default
	// (socket.request.max.bytes), without the room for what is not the batch.
	largestRequest = 100<<20 - 64<<10
)

// BatchBytes returns the size of a batch with only this record, uncompressed.
func BatchBytes(r *kgo.Record) int {
	n := recordBytes(r)
	return BatchOverhead + kbin.VarintLen(int32(n)) + n
}

// recordBytes returns the length of a record that is alone in its batch, without the field
// that holds the length.
func recordBytes(r *kgo.Record) int {
	const fixed = 3 // attributes, and the differences of 0 from the batch's time and offset
	n := fixed + fieldBytes(len(r.Key)) + fieldBytes(len(r.Value)) + kbin.VarintLen(int32(len(r.Headers)))
	for _, h := range r.Headers {
		n += fieldBytes(len(h.Key)) + fieldBytes(len(h.Value))
	}
	return n
}

func fieldBytes(n int) int { return kbin.VarintLen(int32(n)) + n }
