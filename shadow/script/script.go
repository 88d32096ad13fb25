// Package script runs a script over a file of records, without Kafka: it reads lines of
// records, gives their batches to a processor, writes the processor's rows as lines, and
// reports the records and rows that cannot be used.
//
// Stability: ours.
package script

import (
	"bufio"
	"context"
	"errors"
	"io"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/ingest"
)

// Run is one run of a script.
type Run struct {
	Plan      *plan.Plan
	Processor processors.Processor
	// Records are lines of records, and Name is what messages call them.
	Records io.Reader
	Name    string
	Options ingest.FileOptions
	// Out gets a JSON line for each row; Raw adds the bytes that Kafka would get.
	Out io.Writer
	Raw bool
	// Refused takes the records that cannot be decoded and the rows that cannot be records.
	Refused *Refused
}

// Result is what a run made of its input.
type Result struct {
	Counts
	// RefusedRows cannot be records of Kafka; they are not among Rows.
	RefusedRows int64 `json:"refused_rows"`
}

// Do runs the script to the end of the records. After an error the rows before it are
// written.
func (r *Run) Do(ctx context.Context) (result Result, err error) {
	r.Options.MostRows = r.Plan.MostRows()
	reader, err := ingest.NewFileReader(ctx, r.Records, r.Name, r.Plan.Sources, r.Options)
	if err != nil {
		return result, err
	}
	lines, err := codec.NewLines(ctx, r.Plan.Sinks())
	if err != nil {
		return result, err
	}
	lines.Raw = r.Raw
	w := &writer{out: bufio.NewWriterSize(r.Out, 1<<20), lines: lines, refused: r.Refused}
	if err := r.Refused.open(); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, w.out.Flush(), r.Refused.close()) }()
	for {
		b, err := reader.Next(ctx)
		if errors.Is(err, io.EOF) {
			return result, nil
		}
		if err != nil {
			return result, err
		}
		if err := r.Refused.records(b); err != nil {
			return result, err
		}
		o, err := r.Processor.Process(ctx, b)
		if err != nil {
			return result, err
		}
		result.Add(o)
		written, refused, err := w.rows(b, o.Changes)
		if err != nil {
			return result, err
		}
		result.Rows -= refused
		result.RefusedRows += refused
		reader.Made(b.Len(), len(o.Changes), written)
	}
}

// writer writes rows as lines.
type writer struct {
	out     *bufio.Writer
	lines   *codec.Lines
	refused *Refused
	line    []byte
}

// rows writes a batch's rows. It returns how many bytes they have, and how many of them are
// refused.
func (w *writer) rows(b *row.Batch, changes []row.Change) (written, refused int64, err error) {
	for i := range changes {
		c := &changes[i]
		if why := w.lines.Refused(c); why != nil {
			refused++
			if err := w.refused.row(w.lines.Append(w.line[:0], b, c), why); err != nil {
				return written, refused, err
			}
			continue
		}
		w.line = append(w.lines.Append(w.line[:0], b, c), '\n')
		written += int64(len(w.line))
		if _, err := w.out.Write(w.line); err != nil {
			return written, refused, err
		}
	}
	return written, refused, nil
}
