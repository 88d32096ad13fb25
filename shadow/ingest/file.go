package ingest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// FileOptions say how a file of records is read.
type FileOptions struct {
	// Batch is how many records a batch has at most, 1000 if 0. It has fewer where they would
	// not fit the cache, unless Uncut is set: then the caller cuts.
	Batch int
	Uncut bool
	// Values: each line is the value alone, of the one source.
	Values bool
	// Flush ends the input with the flush batch.
	Flush     bool
	MaxFuture time.Duration
	// MostRows is how many rows a record can make, 0 where that does not matter.
	MostRows int64
}

// longestLine is a limit against files that are no lines of records.
const longestLine = 64 << 20

// FileReader reads records from lines of JSON, "records in". The file's order is
// the input order, and its end ends the input. It is not safe for concurrent
// use.
type FileReader struct {
	assembler
	name     string
	in       *bufio.Reader
	opt      FileOptions
	line     int
	clock    clock
	decoders []decoder
	sources  map[string]int // by topic
	parts    map[row.TopicPartition]*filePart
	flushed  bool
	ended    bool
	failed   error
	held     heldRecord
	pace     Pace
	buffer   []byte // the parts of a line that is longer than in's buffer
}

type filePart struct {
	hand *hand
	next int64 // offset
	// largest is the largest own timestamp so far, in ms.
	largest int64
}

// decoder is the part of a codec.Decoder that a FileReader needs.
type decoder interface {
	After(largest int64)
	Decode(ctx context.Context, rec *row.Record, t *row.Table) error
}

// heldRecord is the record that was read and is not decoded yet, if there is one.
type heldRecord struct {
	exists bool
	rec    row.Record
	source int
}

// NewFileReader reads records for a plan's sources; name is for messages. ctx ends what
// the sources' formats need to begin.
func NewFileReader(ctx context.Context, in io.Reader, name string, sources []*row.Source, opt FileOptions) (*FileReader, error) {
	if opt.Batch <= 0 {
		opt.Batch = 1000
	}
	if opt.Values && len(sources) != 1 {
		return nil, fmt.Errorf("lines of values are for a script with one source, and this one reads %d", len(sources))
	}
	if opt.Values {
		if err := wantsText(sources[0]); err != nil {
			return nil, err
		}
	}
	f := &FileReader{
		assembler: newAssembler(sources), name: name, in: bufio.NewReaderSize(in, 1<<20), opt: opt,
		clock: newClock(), sources: map[string]int{}, parts: map[row.TopicPartition]*filePart{},
	}
	f.pace.Expect(opt.MostRows)
	for i, s := range sources {
		d, err := codec.NewDecoder(ctx, s, i, codec.DecodeOptions{MaxFuture: opt.MaxFuture})
		if err != nil {
			return nil, err
		}
		f.decoders = append(f.decoders, d)
		if other, twice := f.sources[s.Topic]; twice {
			return nil, fmt.Errorf("sources %s and %s read the same topic %s", sources[other].Name, s.Name, s.Topic)
		}
		f.sources[s.Topic] = i
	}
	return f, nil
}

// wantsText refuses a source whose values cannot be lines of text: numbers as
// KAFKA writes them.
func wantsText(s *row.Source) error {
	if s.Format != row.FormatKafka {
		return nil
	}
	for i, c := range s.Columns {
		if s.InValue(i) && c.Type.Kind != row.String {
			return fmt.Errorf("lines of values are text, and the values of %s are KAFKA's %s: write records, {\"value\": ...}", s.Name, c.Type)
		}
	}
	return nil
}

// Next returns the next batch; io.EOF at the end, after the flush batch if that
// was asked for. A line that is no record is an error that names it, and what
// Next returns from then on. A record that cannot be decoded for now is an error, too; the
// next call of Next decodes that record again.
func (f *FileReader) Next(ctx context.Context) (*row.Batch, error) {
	limit := f.limit()
	for (f.held.exists || !f.ended) && f.failed == nil && !f.full(limit) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if f.held.exists {
			if err := f.decode(ctx, limit); err != nil {
				return nil, fmt.Errorf("%s:%d: the record cannot be decoded for now: %w", f.name, f.line, err)
			}
			continue
		}
		line, err := f.readLine()
		f.ended = errors.Is(err, io.EOF)
		if err == nil || f.ended && len(line) > 0 {
			f.line++
			err = f.take(line)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			f.failed = fmt.Errorf("%s:%d: %w", f.name, f.line, err)
		}
	}
	if f.failed != nil {
		return nil, f.failed
	}
	if b := f.cut(); b != nil {
		return b, nil
	}
	if f.opt.Flush && !f.flushed {
		f.flushed = true
		return f.flush(), nil
	}
	return nil, io.EOF
}

// limit returns where the next batch ends.
func (f *FileReader) limit() Limit {
	l := f.pace.Limit(f.opt.Batch)
	if f.opt.Uncut {
		return AtMost(l.records)
	}
	return l
}

// readLine returns the next line, its end included: io.EOF with the last one,
// where that has no end. The line is the caller's until the next call.
func (f *FileReader) readLine() ([]byte, error) {
	f.buffer = f.buffer[:0]
	for {
		part, err := f.in.ReadSlice('\n')
		switch {
		case err == nil && len(f.buffer) == 0:
			return part, nil
		case len(f.buffer)+len(part) > longestLine:
			f.line++
			return nil, fmt.Errorf("the line is longer than %d MiB", longestLine>>20)
		}
		f.buffer = append(f.buffer, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return f.buffer, err
		}
	}
}

// take reads one line, whose record is then held.
func (f *FileReader) take(line []byte) error {
	if f.line == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff")) // a byte order mark
	}
	in := lineReader{sources: f.assembler.sources, byTopic: f.sources}
	rec, source, skip, err := in.read(line, f.opt.Values)
	if err != nil || skip {
		return err
	}
	p := f.parts[rec.TopicPartition]
	if p == nil {
		p = &filePart{hand: f.clock.add(f.assembler.sources[source].Table)}
		f.parts[rec.TopicPartition] = p
	}
	if rec.Offset < 0 {
		rec.Offset = p.next
	}
	if rec.Offset < p.next {
		return fmt.Errorf("offset %d of %s/%d comes after offset %d", rec.Offset, rec.Topic, rec.Partition, p.next-1)
	}
	p.next = rec.Offset + 1
	f.held = heldRecord{true, rec, source}
	return nil
}

// decode moves the held record into the open batch.
func (f *FileReader) decode(ctx context.Context, limit Limit) error {
	rec, source := f.held.rec, f.held.source
	p := f.parts[rec.TopicPartition]
	f.decoders[source].After(p.largest)
	if err := f.decoders[source].Decode(ctx, &rec, f.table(source, limit.room())); err != nil {
		return err
	}
	f.held.exists = false
	p.largest = max(p.largest, rec.Timestamp)
	f.clock.tick(p.hand, &rec)
	bytes := footprint(&rec)
	if rec.Row >= 0 {
		bytes += int64(f.tables[source].NestedBytes(int(rec.Row)))
	}
	f.add(rec, bytes)
	return nil
}

// Made reports how many rows and bytes a batch produced. Later batches are smaller if it
// produced many.
func (f *FileReader) Made(records, rows int, bytes int64) { f.pace.Made(records, rows, bytes) }
