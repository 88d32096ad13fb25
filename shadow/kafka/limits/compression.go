package limits

import (
	"bytes"
	"fmt"
	"math"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Compression is the client's compressor. It compresses only while it is switched on: rows are
// sent uncompressed. It is safe for concurrent use.
type Compression struct {
	on    atomic.Bool
	codec kgo.Compressor
}

// NewCompression returns a compressor that is switched off.
func NewCompression() (*Compression, error) {
	codec, err := kgo.DefaultCompressor(kgo.GzipCompression()) // which every broker and consumer reads
	if err != nil {
		return nil, fmt.Errorf("compressor: %w", err)
	}
	return &Compression{codec: codec}, nil
}

// Compress implements kgo.Compressor.
func (c *Compression) Compress(dst *bytes.Buffer, src []byte, flags ...kgo.CompressFlag) ([]byte, kgo.CompressionCodecType) {
	if !c.on.Load() {
		return nil, kgo.CodecNone
	}
	return c.codec.Compress(dst, src, flags...)
}

// Switch turns compression on or off, for the batches that the client builds from now on.
func (c *Compression) Switch(isOn bool) { c.on.Store(isOn) }

// CompressedBytes returns the size of a batch with only this record, compressed.
func (c *Compression) CompressedBytes(r *kgo.Record) int {
	if BatchBytes(r) > largestLetter {
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
	return BatchOverhead + len(out)
}
