package kafka

import (
	"bytes"
	"fmt"
	"math"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// limit is what a topic takes.
type limit struct {
	// bytes is the most that a batch of records may have, as the broker stores it.
	bytes int
	// keepsCompression says that the broker stores a batch as its producer compressed
	// it. Else the batch is held to bytes as the broker writes it again.
	keepsCompression bool
	// lettersOnly says that nothing but dead letters is written to the topic. Each of
	// them may be compressed, in a batch of its own.
	lettersOnly bool
}

// unknownLimit is that of a topic which cannot be described: every broker takes it by
// default.
var unknownLimit = limit{bytes: 1_000_012}

const (
	// batchOverhead is what a batch of records has beside its records.
	batchOverhead = 61
	// clientOverhead is what the client counts for a batch beside what it writes.
	clientOverhead = 4
	// leastBatch and mostBatch are what the client takes as a batch's limit.
	leastBatch, mostBatch = 512, 1 << 30
	// largestLetter is the most that a dead letter may have before it is compressed.
	largestLetter = 64 << 20
	// largestRequest is what a broker takes as a request by default
	// (socket.request.max.bytes), with room for what is not the batch.
	largestRequest = 100<<20 - 64<<10
)

// limits are those of the topics that the job writes to. They are safe for concurrent
// use: the client asks on its own goroutines.
type limits struct {
	mu sync.Mutex
	of map[string]limit
	// learnt are those, in bytes, of topics that took less than they say.
	learnt map[string]int
}

func newLimits() *limits { return &limits{of: map[string]limit{}, learnt: map[string]int{}} }

// lower records that a topic takes no more than so many bytes. A larger limit that is set later
// does not change that.
func (l *limits) lower(topic string, bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.learnt[topic] = bytes
}

func (l *limits) set(topic string, to limit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	to.bytes = min(to.bytes, largestRequest)
	l.of[topic] = to
}

func (l *limits) at(topic string) limit {
	l.mu.Lock()
	defer l.mu.Unlock()
	found, ok := l.of[topic]
	if !ok {
		found = unknownLimit
	}
	if n, ok := l.learnt[topic]; ok {
		found.bytes = min(found.bytes, n)
	}
	return found
}

// batchMax is the client's limit of a topic: it counts what a batch has before it is
// compressed.
func (l *limits) batchMax(topic string) int32 {
	at := l.at(topic)
	if at.lettersOnly && at.keepsCompression {
		return max(largestLetter, int32(at.bytes)) + clientOverhead
	}
	return int32(min(max(at.bytes+clientOverhead, leastBatch), mostBatch))
}

// batchBytes is how much a batch with only this record has, uncompressed.
func batchBytes(r *kgo.Record) int {
	n := recordBytes(r)
	return batchOverhead + kbin.VarintLen(int32(n)) + n
}

// recordBytes is the length of a record that is alone in its batch, without the field
// that says it.
func recordBytes(r *kgo.Record) int {
	const fixed = 3 // attributes, and the distances of 0 from the batch's time and offset
	n := fixed + fieldBytes(len(r.Key)) + fieldBytes(len(r.Value)) + kbin.VarintLen(int32(len(r.Headers)))
	for _, h := range r.Headers {
		n += fieldBytes(len(h.Key)) + fieldBytes(len(h.Value))
	}
	return n
}

func fieldBytes(n int) int { return kbin.VarintLen(int32(n)) + n }

// compressedBytes is how much a batch with only this record has, compressed.
func (c *compression) compressedBytes(r *kgo.Record) int {
	if batchBytes(r) > largestLetter {
		return math.MaxInt
	}
	raw := kmsg.Record{Length: int32(recordBytes(r)), Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		raw.Headers = append(raw.Headers, kmsg.Header{Key: h.Key, Value: h.Value})
	}
	text := raw.AppendTo(nil)
	out, _ := c.codec.Compress(new(bytes.Buffer), text)
	if out == nil || len(out) > len(text) {
		out = text
	}
	return batchOverhead + len(out)
}

// compression is the client's compressor. It compresses only while it is on: rows go
// out as they are.
type compression struct {
	on    atomic.Bool
	codec kgo.Compressor
}

func newCompression() (*compression, error) {
	codec, err := kgo.DefaultCompressor(kgo.GzipCompression()) // which every broker and consumer reads
	if err != nil {
		return nil, fmt.Errorf("compressor: %w", err)
	}
	return &compression{codec: codec}, nil
}

// Compress implements kgo.Compressor.
func (c *compression) Compress(dst *bytes.Buffer, src []byte, flags ...kgo.CompressFlag) ([]byte, kgo.CompressionCodecType) {
	if !c.on.Load() {
		return nil, kgo.CodecNone
	}
	return c.codec.Compress(dst, src, flags...)
}
