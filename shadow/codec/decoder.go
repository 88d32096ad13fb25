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
	src    *row.Source
	index  int32
	opt    DecodeOptions
	object *object
	// value and key are the needed columns that come from either.
	value, key []int
}

// NewDecoder returns a decoder of source number index of its plan.
func NewDecoder(src *row.Source, index int, opt DecodeOptions) *Decoder {
	d := &Decoder{src: src, index: int32(index), opt: opt}
	for i := range src.Columns {
		switch {
		case !src.Needed[i]:
		case src.Key[i]:
			d.key = append(d.key, i)
		default:
			d.value = append(d.value, i)
		}
	}
	d.object = newObject(src, d.value)
	return d
}

// Decode reads rec's Key, Value and Timestamp, appends a row to t, and sets
// State, Err, EventTime, Source and Row. An undecodable record appends nothing.
// Under timestamp= a null value's EventTime is left at -1: it is its
// topic-partition's largest so far, which only its sequencer knows.
func (d *Decoder) Decode(rec *row.Record, t *row.Table) {
	rec.Source, rec.Row, rec.EventTime = d.index, -1, -1
	if err := d.decode(rec, t); err != nil {
		t.DropRow()
		rec.State, rec.Err = row.Undecodable, err
		return
	}
	rec.Row = int32(t.EndRow())
}

func (d *Decoder) decode(rec *row.Record, t *row.Table) error {
	if err := d.decodeKey(rec, t); err != nil {
		return err
	}
	if rec.Value == nil {
		rec.State = row.NullValue
		if d.src.Timestamp < 0 {
			rec.EventTime = rec.Timestamp
		}
		return nil
	}
	rec.State = row.Decoded
	if err := d.object.decode(rec.Value, t); err != nil {
		return err
	}
	if d.src.Timestamp < 0 {
		rec.EventTime = rec.Timestamp
		return nil
	}
	return d.eventTime(rec, t.Columns[d.src.Timestamp])
}

var (
	errNoTime       = errors.New("the timestamp column is NULL")
	errNegativeTime = errors.New("the timestamp column is negative")
)

// eventTime reads the timestamp= column of the row that is being appended.
func (d *Decoder) eventTime(rec *row.Record, c *row.Vector) error {
	last := c.Len() - 1
	switch {
	case !c.Valid(last):
		return errNoTime
	case c.Int64(last) < 0:
		return errNegativeTime
	}
	at := c.Int64(last)
	if limit := d.opt.MaxFuture.Milliseconds(); limit > 0 && rec.Timestamp > 0 && at-rec.Timestamp > limit {
		return fmt.Errorf("the timestamp column (%s) is more than %v after the record's own timestamp (%s)",
			row.FormatTimestamp(at), d.opt.MaxFuture, row.FormatTimestamp(rec.Timestamp))
	}
	rec.EventTime = at
	return nil
}
