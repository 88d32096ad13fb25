// Package journal owns the form of the records of a job's journal topic, as bytes: the order of
// the input and the changes of stage. A reader takes bytes from anywhere: it refuses what no
// writer makes, and allocates no more than a bound. Writing to the topic is package kafka's.
//
// Stability: ours.
package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// Record is the value of a record of a job's journal topic: the part of a transaction's input
// order that does not follow from the records.
type Record struct {
	// Group and Generation say whose it is: jobs of the same name and of other groups share the topic.
	Group      string
	Generation int64
	// Transaction is the number of the commit in its process. It covers the positions [From, To).
	Transaction int64
	From, To    int64
	// Journal holds what lies in these positions, and only topic-partitions that it refers to.
	Journal ingest.Journal
}

const (
	// orderVersion is the first byte of the value. It is raised when what follows changes.
	orderVersion = 1
	// MostItems is the largest number of runs, and of departures, in one value: a transaction with more
	// has several values. An item takes at most five bytes, except for long runs, so a value fits a
	// topic's default max.message.bytes.
	MostItems = 1 << 16
	// mostPlainBytes bounds what a value is decompressed to.
	mostPlainBytes = 4 << 20
	// bits of the first number of a run: whether the length of the gap before it follows, and its count.
	hasGap, hasCount = 1, 2
)

// Codec writes and reads the records of the order. It is not safe for concurrent use.
type Codec struct {
	out *zstd.Encoder
	in  *zstd.Decoder
}

// NewCodec returns a codec for the records of the order.
func NewCodec() (*Codec, error) {
	out, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<17), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	in, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostPlainBytes))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &Codec{out, in}, nil
}

// Value returns the binary form of a record: the version, and compressed with zstd, as unsigned varints,
//
//	group (length, bytes), generation, transaction, from, to - from,
//	number of topic-partitions; of each: topic (length, bytes), partition,
//	number of runs; of each: 4 * topic-partition + 2 if a count follows + 1 if a gap follows, [gap], [count - 1],
//	number of departures; of each: positions since the one before, topic-partition.
//
// A gap is the number of positions after the end of the run before, the first one's after from.
func (c *Codec) Value(r *Record) []byte {
	b := appendText(nil, r.Group)
	for _, n := range []int64{r.Generation, r.Transaction, r.From, r.To - r.From} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	j := &r.Journal
	b = binary.AppendUvarint(b, uint64(len(j.Parts)))
	for _, at := range j.Parts {
		b = binary.AppendUvarint(appendText(b, at.Topic), uint64(at.Partition))
	}
	b = binary.AppendUvarint(b, uint64(len(j.Runs)))
	at := r.From
	for _, run := range j.Runs {
		head, gap, more := uint64(run.Part)<<2, uint64(run.Position-at), uint64(run.Count-1)
		if gap > 0 {
			head |= hasGap
		}
		if more > 0 {
			head |= hasCount
		}
		b = binary.AppendUvarint(b, head)
		if gap > 0 {
			b = binary.AppendUvarint(b, gap)
		}
		if more > 0 {
			b = binary.AppendUvarint(b, more)
		}
		at = run.Position + int64(run.Count)
	}
	b = binary.AppendUvarint(b, uint64(len(j.Departures)))
	at = r.From
	for _, d := range j.Departures {
		b = binary.AppendUvarint(b, uint64(d.Position-at))
		b = binary.AppendUvarint(b, uint64(d.Part))
		at = d.Position
	}
	return c.out.EncodeAll(b, []byte{orderVersion})
}

// Parse reads the binary form. It refuses what Value does not write.
func (c *Codec) Parse(value []byte) (r Record, err error) {
	switch {
	case len(value) == 0:
		return r, errors.New("it is empty")
	case value[0] > stageVersion:
		return r, fmt.Errorf("it has version %d, and this program reads versions up to %d: use the newer program that wrote it", value[0], stageVersion)
	case value[0] != orderVersion:
		return r, fmt.Errorf("it has version %d, which no program writes", value[0])
	}
	plain, err := c.in.DecodeAll(value[1:], nil)
	if err != nil {
		return r, fmt.Errorf("decompress it: %w", err)
	}
	d := reader{left: plain, all: len(plain)}
	r.Group = d.text("group")
	r.Generation = d.number("generation", 1, math.MaxInt64)
	r.Transaction = d.number("transaction", 0, math.MaxInt64)
	r.From = d.number("from", 0, math.MaxInt64)
	r.To = r.From + d.number("length", 0, math.MaxInt64-r.From)
	for range d.count("topic-partitions", 2) {
		at := row.TopicPartition{Topic: d.text("topic")}
		at.Partition = int32(d.number("partition", 0, math.MaxInt32))
		r.Journal.Parts = append(r.Journal.Parts, at)
	}
	d.runs(&r)
	d.departures(&r)
	if d.err == nil && len(d.left) > 0 {
		d.fail("%d bytes follow its end", len(d.left))
	}
	return r, d.err
}

// runs reads the runs of a record.
func (d *reader) runs(r *Record) {
	parts := int64(len(r.Journal.Parts))
	n := d.count("runs", 1)
	at := r.From
	for range n {
		head := d.number("run", 0, 4*parts-1)
		run := ingest.Run{Part: int32(head >> 2), Count: 1}
		if head&hasGap != 0 {
			at += d.number("gap", 1, r.To-at)
		}
		run.Position = at
		if head&hasCount != 0 {
			run.Count += int32(d.number("count", 1, min(math.MaxInt32-1, r.To-at-1)))
		}
		if at += int64(run.Count); at > r.To {
			d.fail("a run ends after position %d", r.To)
		}
		if d.err != nil {
			return
		}
		r.Journal.Runs = append(r.Journal.Runs, run)
	}
}

// departures reads the departures of a record.
func (d *reader) departures(r *Record) {
	parts := int64(len(r.Journal.Parts))
	n := d.count("departures", 2)
	at := r.From
	for range n {
		at += d.number("departure", 0, r.To-at-1)
		part := d.number("topic-partition", 0, parts-1)
		if d.err != nil {
			return
		}
		r.Journal.Departures = append(r.Journal.Departures, ingest.Departure{Position: at, Part: int32(part)})
	}
}
