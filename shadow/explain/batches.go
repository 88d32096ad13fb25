package explain

import (
	"bytes"
	"context"
	"errors"
	"io"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/ingest"
)

// lines writes records as lines of "records in".
func lines(p *plan.Plan, records []row.Record) []byte {
	var text []byte
	for i := range records {
		text = append(codec.AppendRecord(text, &records[i], sourceOf(p, records[i].Topic)), '\n')
	}
	return text
}

// sourceOf returns the source that reads a topic, nil if none does.
func sourceOf(p *plan.Plan, topic string) *row.Source {
	for _, s := range p.Sources {
		if s.Topic == topic {
			return s
		}
	}
	return nil
}

// ErrTooMany is that a file has more records than may be replayed.
var ErrTooMany = errors.New("too many records")

// Read reads records for a plan's sources from lines, at most some of them. There is no rest
// that is ignored: more records are ErrTooMany.
func Read(ctx context.Context, in io.Reader, name string, p *plan.Plan, most int, opt ingest.FileOptions) ([]row.Record, error) {
	reader, err := ingest.NewFileReader(ctx, in, name, p.Sources, opt)
	if err != nil {
		return nil, err
	}
	var records []row.Record
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return nil, err
		}
		if len(records)+b.Len() > most {
			return nil, ErrTooMany
		}
		for i := range b.Len() {
			records = append(records, *b.Record(i))
		}
	}
}

// decode reads the batches of records, as large as possible, and a flush.
func (s *Subject) decode(ctx context.Context, records []row.Record) (batches []*row.Batch, err error) {
	reader, err := ingest.NewFileReader(ctx, bytes.NewReader(lines(s.Plan, records)), "records", s.Plan.Sources, ingest.FileOptions{
		Batch: len(records) + 1, Uncut: true, Flush: true, MaxFuture: s.MaxFuture, MostRows: s.Plan.MostRows(),
	})
	if err != nil {
		return nil, err
	}
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return batches, nil
		}
		if err != nil {
			return nil, err
		}
		batches = append(batches, b)
	}
}

// Cut says where batches end.
type Cut struct {
	// Every is the largest number of records in a batch; 0 is any number.
	Every int
	// After is a number of records after which one batch ends; 0 is none.
	After int
}

// of cuts batches into smaller ones.
func (c Cut) of(batches []*row.Batch, sources int) (list []*row.Batch) {
	seq, records := int64(0), 0
	for _, b := range batches {
		if b.Flush() {
			list = append(list, row.NewFlush(seq, b.First, sources))
			seq++
			continue
		}
		for from := 0; from < b.Len(); seq++ {
			to := b.Len()
			if c.Every > 0 {
				to = min(to, from+c.Every)
			}
			if at := c.After - records; c.After > 0 && at > from && at < to {
				to = at
			}
			list = append(list, part(b, seq, from, to, sources))
			from = to
		}
		records += b.Len()
	}
	return list
}

// part is a batch of the records [from, to) of another, whose tables it shares.
func part(b *row.Batch, seq int64, from, to, sources int) *row.Batch {
	records := make([]row.Record, to-from)
	for i := range records {
		records[i] = *b.Record(from + i)
	}
	tables := make([]*row.Table, sources)
	for i := range tables {
		tables[i] = b.Table(i)
	}
	return row.NewBatch(seq, b.First+int64(from), records, tables)
}
