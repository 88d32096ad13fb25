package codec

import (
	"errors"
	"fmt"
	"time"

	"parallax/processors/row"
)

// DecodeOptions are the job's wishes about what may be decoded.
type DecodeOptions struct {
	// MaxFuture is how far a timestamp= column may be after the record's own
	// timestamp; 0 allows any.
	MaxFuture time.Duration
}

// Decoder decodes the records of one source. What it has seen makes it faster,
// never different. It is not safe for concurrent use: make one a goroutine.
type Decoder struct {
	src   *row.Source
	index int32
	opt   DecodeOptions
	// value decodes the needed columns that come from the value; keyObject those
	// of a JSON key; key lists the needed columns that come from the key.
	value, keyObject *object
	key              []int
	// keyParts are all KEY columns, needed or not: a key of several parts has
	// one for each.
	keyParts []int
	parts    []keyPart // scratch
	// valueOnly says that all columns, the timestamp among them, are the value's.
	valueOnly bool
}

// NewDecoder returns a decoder of source number index of its plan.
func NewDecoder(src *row.Source, index int, opt DecodeOptions) *Decoder {
	d := &Decoder{src: src, index: int32(index), opt: opt, value: newObject(src, false), keyObject: newObject(src, true)}
	for i, isKey := range src.Key {
		if !isKey {
			continue
		}
		d.keyParts = append(d.keyParts, i)
		if src.Needed[i] {
			d.key = append(d.key, i)
		}
	}
	d.valueOnly = len(d.keyParts) == 0 && src.Timestamp >= 0
	return d
}

// Decode reads rec's Key, Value and Timestamp, appends a row to t, and sets
// State, Err, EventTime, Source and Row. An undecodable record appends nothing.
// Under timestamp= a null value's EventTime is left at -1: it is its
// topic-partition's largest so far, which only its sequencer knows.
func (d *Decoder) Decode(rec *row.Record, t *row.Table) {
	rec.Source = d.index
	if d.valueOnly && d.value.learnt != nil && rec.Value != nil && d.value.learnt.decode(d.value, rec.Value, t) {
		d.value.patience = 1
		if c := t.Columns[d.src.Timestamp]; d.eventTime(rec, c) == nil {
			rec.State, rec.Row = row.Decoded, int32(t.EndWhole())
			return
		}
	}
	t.DropRow()
	rec.Row, rec.EventTime = -1, -1
	if err := d.decode(rec, t); err != nil {
		t.DropRow()
		rec.State, rec.Err = row.Undecodable, err
		return
	}
	rec.Row = int32(t.EndRow())
}

func (d *Decoder) decode(rec *row.Record, t *row.Table) error {
	if len(d.keyParts) > 0 {
		if err := d.decodeKey(rec, t); err != nil {
			return err
		}
	}
	if d.src.Timestamp < 0 && rec.Timestamp < 0 {
		return fmt.Errorf("the record's own timestamp (%d) is negative, and the source has no timestamp= column", rec.Timestamp)
	}
	rec.State = row.NullValue
	if rec.Value != nil {
		rec.State = row.Decoded
		if err := d.value.decode(rec.Value, t); err != nil {
			return err
		}
	}
	switch {
	case d.src.Timestamp < 0:
		rec.EventTime = rec.Timestamp
	case rec.Value != nil:
		return d.eventTime(rec, t.Columns[d.src.Timestamp])
	}
	return nil
}

var errNoTime = errors.New("the timestamp column is NULL")

// eventTime reads the timestamp= column of the row that is being appended.
func (d *Decoder) eventTime(rec *row.Record, c *row.Vector) error {
	last := c.Len() - 1
	switch {
	case !c.Valid(last):
		return errNoTime
	case c.Int64(last) < 0:
		return fmt.Errorf("the timestamp column (%d) is negative", c.Int64(last))
	}
	at := c.Int64(last)
	if limit := d.opt.MaxFuture.Milliseconds(); limit > 0 && rec.Timestamp > 0 && at-rec.Timestamp > limit {
		return fmt.Errorf("the timestamp column (%d) is more than %v after the record's own timestamp (%d)", at, d.opt.MaxFuture, rec.Timestamp)
	}
	rec.EventTime = at
	return nil
}
