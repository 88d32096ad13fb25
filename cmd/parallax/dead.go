package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
)

// deadLetters reports the records that `parallax sql` cannot use: a line each on standard
// error, and in a file, where there is one.
type deadLetters struct {
	errs io.Writer
	json bool // the lines on standard error are JSON
	plan *plan.Plan
	file *os.File // nil: none
	out  *bufio.Writer
	line []byte
}

func openDead(e *env, name string, inputs []*os.File, p *plan.Plan) (*deadLetters, error) {
	d := &deadLetters{errs: e.errs, json: e.json, plan: p}
	if name == "" {
		return d, nil
	}
	var err error
	if d.file, err = createOutput("--dlq", name, inputs...); err == nil {
		d.out = bufio.NewWriter(d.file)
	}
	return d, err
}

// records tells of a batch's undecodable records, which are in the file as records.
func (d *deadLetters) records(b *row.Batch) error {
	for i := range b.Len() {
		r := b.Record(i)
		if r.State != row.Undecodable {
			continue
		}
		d.tell("undecodable", fmt.Sprintf("%s/%d@%d", r.Topic, r.Partition, r.Offset), r.Err.Error())
		if d.out == nil {
			continue
		}
		dead := *r
		dead.Headers = append(codec.OriginalHeaders(r.Headers), codec.DeadHeaders(r, r.Err.Error())...)
		d.line = append(codec.AppendRecord(d.line[:0], &dead, d.plan.Sources[r.Source]), '\n')
		if _, err := d.out.Write(d.line); err != nil {
			return err
		}
	}
	return nil
}

// tell writes a line about what cannot be used: what it is, where or why, and more.
func (d *deadLetters) tell(kind, what, more string) {
	if d.json {
		// A write that fails has nowhere to be reported.
		_ = json.NewEncoder(d.errs).Encode(struct {
			Kind   string `json:"kind"`
			What   string `json:"what"`
			Detail string `json:"detail"`
		}{kind, what, more})
		return
	}
	fmt.Fprintf(d.errs, "%s: %s: %s\n", kind, what, more)
}

// shownOfRow is how many bytes of a row a message shows.
const shownOfRow = 400

// row tells of a row that can be no record; it is in the file as it would have come
// out.
func (d *deadLetters) row(line []byte, why error) error {
	d.tell("dead letter", why.Error(), string(row.ShortenTo(line, shownOfRow)))
	if d.out == nil {
		return nil
	}
	_, err := d.out.Write(append(line, '\n'))
	return err
}

func (d *deadLetters) close() error {
	if d.file == nil {
		return nil
	}
	return errors.Join(d.out.Flush(), d.file.Close())
}
