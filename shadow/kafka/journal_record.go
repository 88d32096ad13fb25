package kafka

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/klauspost/compress/zstd"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// JournalRecord is the value of a record of a job's journal topic: the part of a transaction's input
// order that does not follow from the records.
type JournalRecord struct {
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
	// journalVersion is the first byte of the value. It is raised when what follows changes.
	journalVersion = 1
	// mostJournalItems is how many runs and departures one value has: a transaction with more has
	// several. Together they take at most five bytes each but for long runs, so a value fits a
	// topic's default max.message.bytes.
	mostJournalItems = 1 << 16
	// mostJournalBytes bounds what a value is decompressed to.
	mostJournalBytes = 4 << 20
	// longestName bounds the names of a topic and of a group.
	longestName = math.MaxInt16
	// bits of the first number of a run: whether the length of the gap before it follows, and its count.
	journalGap, journalCount = 1, 2
)

// JournalCodec writes and reads the values of a journal. It is not safe for concurrent use.
type JournalCodec struct {
	out *zstd.Encoder
	in  *zstd.Decoder
}

// NewJournalCodec returns a codec.
func NewJournalCodec() (*JournalCodec, error) {
	out, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<17), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	in, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(mostJournalBytes))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &JournalCodec{out, in}, nil
}

// Value returns the binary form of a record: the version, and compressed with zstd, as unsigned varints,
//
//	group (length, bytes), generation, transaction, from, to - from,
//	number of topic-partitions; of each: topic (length, bytes), partition,
//	number of runs; of each: 4 * topic-partition + 2 if a count follows + 1 if a gap follows, [gap], [count - 1],
//	number of departures; of each: positions since the one before, topic-partition.
//
// A gap is the number of positions after the end of the run before, the first one's after from.
func (c *JournalCodec) Value(r *JournalRecord) []byte {
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
			head |= journalGap
		}
		if more > 0 {
			head |= journalCount
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
	return c.out.EncodeAll(b, []byte{journalVersion})
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// Parse reads the binary form. It refuses what Value does not write.
func (c *JournalCodec) Parse(value []byte) (r JournalRecord, err error) {
	switch {
	case len(value) == 0:
		return r, errors.New("it is empty")
	case value[0] > stageVersion:
		return r, fmt.Errorf("it has version %d, and this program reads versions up to %d: use the newer program that wrote it", value[0], stageVersion)
	case value[0] != journalVersion:
		return r, fmt.Errorf("it has version %d, which there is not", value[0])
	}
	plain, err := c.in.DecodeAll(value[1:], nil)
	if err != nil {
		return r, fmt.Errorf("decompress it: %w", err)
	}
	d := journalReader{left: plain, all: len(plain)}
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
func (d *journalReader) runs(r *JournalRecord) {
	parts := int64(len(r.Journal.Parts))
	n := d.count("runs", 1)
	at := r.From
	for range n {
		head := d.number("run", 0, 4*parts-1)
		run := ingest.Run{Part: int32(head >> 2), Count: 1}
		if head&journalGap != 0 {
			at += d.number("gap", 1, r.To-at)
		}
		run.Position = at
		if head&journalCount != 0 {
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
func (d *journalReader) departures(r *JournalRecord) {
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

// journalReader reads numbers and texts. After its first error all are 0 and empty.
type journalReader struct {
	left []byte
	all  int
	err  error
}

func (d *journalReader) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("at byte %d: %s", d.all-len(d.left), fmt.Sprintf(format, args...))
	}
	d.left = nil
}

// number reads a number from least to most.
func (d *journalReader) number(what string, least, most int64) int64 {
	if d.err != nil {
		return 0
	}
	n, size := binary.Uvarint(d.left)
	if size <= 0 || size > 1 && d.left[size-1] == 0 {
		d.fail("%s is not a number", what)
		return 0
	}
	if most < least || n < uint64(least) || n > uint64(most) {
		d.fail("%s is %d, and must be from %d to %d", what, n, least, most)
		return 0
	}
	d.left = d.left[size:]
	return int64(n)
}

// count reads how many elements follow, of at least so many bytes each.
func (d *journalReader) count(what string, bytes int) int64 {
	return d.number("the number of "+what, 0, int64(len(d.left)/bytes))
}

func (d *journalReader) text(what string) string {
	n := d.number("the length of the "+what, 0, int64(min(len(d.left), longestName)))
	if n > int64(len(d.left)) {
		d.fail("the %s is cut off", what)
	}
	if d.err != nil {
		return ""
	}
	text := string(d.left[:n])
	d.left = d.left[n:]
	return text
}
