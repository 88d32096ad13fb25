package script

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// Refused reports the records that cannot be decoded and the rows that cannot be records, and
// writes them to a file, where there is one.
type Refused struct {
	// report says what cannot be used (kind), where or why, and more.
	report  func(kind, what, detail string)
	sources []*row.Source
	create  func() (io.WriteCloser, error) // nil: no file
	file    io.WriteCloser
	out     *bufio.Writer // nil: no file
	line    []byte
}

// NewRefused returns a Refused for records of sources. Create makes the file once the run
// begins; nil is no file.
func NewRefused(sources []*row.Source, report func(kind, what, detail string), create func() (io.WriteCloser, error)) *Refused {
	return &Refused{report: report, sources: sources, create: create}
}

// open makes the file.
func (r *Refused) open() (err error) {
	if r.create == nil {
		return nil
	}
	if r.file, err = r.create(); err == nil {
		r.out = bufio.NewWriter(r.file)
	}
	return err
}

// records reports a batch's undecodable records, which are in the file as records.
func (r *Refused) records(b *row.Batch) error {
	for i := range b.Len() {
		rec := b.Record(i)
		if rec.State != row.Undecodable {
			continue
		}
		r.report("undecodable", fmt.Sprintf("%s/%d@%d", rec.Topic, rec.Partition, rec.Offset), rec.Err.Error())
		if r.out == nil {
			continue
		}
		dead := *rec
		dead.Headers = append(codec.OriginalHeaders(rec.Headers), codec.DeadHeaders(rec, rec.Err.Error())...)
		r.line = append(codec.AppendRecord(r.line[:0], &dead, r.sources[rec.Source]), '\n')
		if _, err := r.out.Write(r.line); err != nil {
			return err
		}
	}
	return nil
}

// shownOfRow is how many bytes of a row a message shows.
const shownOfRow = 400

// row reports a row that cannot be a record; it is in the file as it would have been written.
func (r *Refused) row(line []byte, why error) error {
	r.report("dead letter", why.Error(), string(row.ShortenTo(line, shownOfRow)))
	if r.out == nil {
		return nil
	}
	_, err := r.out.Write(append(line, '\n'))
	return err
}

func (r *Refused) close() error {
	if r.out == nil {
		return nil
	}
	return errors.Join(r.out.Flush(), r.file.Close())
}
