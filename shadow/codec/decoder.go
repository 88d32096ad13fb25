package codec

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
	"unsafe"

	"parallax/processors/row"
)

// DecodeOptions are a job's settings for decoding.
type DecodeOptions struct {
	// MaxFuture is how far a timestamp= column may be after the record's own timestamp. If
	// the record has none above 0, the largest timestamp before it in its topic-partition
	// is used, if there is one (see Decoder.After). 0 is no limit.
	MaxFuture time.Duration
}

// Decoder decodes the records of one source. It learns from earlier records to become
// faster; results do not change. It is not safe for concurrent use.
type Decoder struct {
	src   *row.Source
	index int32
	opt   DecodeOptions
	// value and key read the record's value and key. needed are the needed KEY columns.
	value, key reader
	needed     []int
	// object and keyObject are value and key where those are JSON objects, which
	// learn layouts; else nil.
	object, keyObject *object
	// headers: the query needs columns that are read from headers.
	headers bool
	clock   clock
	// largest is the largest record timestamp so far; 0 or less if there is none.
	largest int64
	one     *row.Table // scratch
}

// NewDecoder returns a decoder for source number index of its plan. A format may contact
// another system; ctx ends that.
func NewDecoder(ctx context.Context, src *row.Source, index int, opt DecodeOptions) (*Decoder, error) {
	value, err := newReader(ctx, src, src.Format, "value")
	if err != nil {
		return nil, err
	}
	d := &Decoder{src: src, index: int32(index), opt: opt, value: value, one: row.NewTable(src, 1), clock: newClock(src)}
	for _, h := range src.Headers {
		d.headers = d.headers || src.Needed[h.Column]
	}
	d.object, _ = d.value.(*object)
	for _, i := range keyColumns(src) {
		if src.Needed[i] {
			d.needed = append(d.needed, i)
		}
	}
	if len(d.needed) > 0 {
		if d.key, err = newReader(ctx, src, src.KeyFormat, "key"); err != nil {
			return nil, err
		}
		if k, ok := d.key.(*jsonKey); ok {
			d.keyObject = k.object
		}
	}
	return d, nil
}

// After sets the largest record timestamp before the next record of the same
// topic-partition, 0 or less if there is none. The decoder updates it, so one call is
// enough for consecutive records.
func (d *Decoder) After(largest int64) { d.largest = largest }

// Decode is DecodeAll for one record.
func (d *Decoder) Decode(ctx context.Context, rec *row.Record, t *row.Table) error {
	_, err := d.DecodeAll(ctx, unsafe.Slice(rec, 1), t)
	return err
}

// DecodeAll decodes the Key, Value and Timestamp of records, appends a row to t for each,
// in order, and sets State, Err, EventTime, Source and Row. It appends no row for an
// undecodable record. With timestamp= the EventTime of a record with a null value stays -1:
// it is the largest one so far in its topic-partition, which only the sequencer knows.
//
// There are two kinds of errors. A record's Err means that the record is bad. The returned
// error means that records[done] cannot be decoded for now, because its format cannot reach
// a system that it needs, or ctx has ended; the record itself may be good. The records
// before it are decoded. The records from it on are not, and have no rows in t: decode them
// again later.
func (d *Decoder) DecodeAll(ctx context.Context, records []row.Record, t *row.Table) (done int, err error) {
	for done < len(records) {
		rest := records[done:]
		n := 1
		if d.object == nil || d.object.learnt == nil {
			err = d.search(ctx, &rest[0], t)
		} else {
			rest = rest[:min(len(rest), chunkSize)]
			n, err = d.fit(ctx, rest, t)
		}
		if err != nil {
			return done + n - 1, err
		}
		done += n
	}
	return done, nil
}

// search decodes a record of any layout.
func (d *Decoder) search(ctx context.Context, rec *row.Record, t *row.Table) error {
	rec.Source, rec.Row, rec.EventTime = d.index, -1, -1
	d.largest = max(d.largest, rec.Timestamp)
	if err := d.decode(ctx, rec, t); err != nil {
		t.DropRow()
		if isUnavailable(ctx, err) {
			return err
		}
		rec.State, rec.Err = row.Undecodable, err
		return nil
	}
	rec.Row = int32(t.EndRow())
	return nil
}

// fit decodes records that have the learnt layout, and calls search for the others. Each
// record gets a row in advance; rows of undecodable records are removed. If there is an
// error, the last of the n records is the one that cannot be decoded for now.
func (d *Decoder) fit(ctx context.Context, records []row.Record, t *row.Table) (n int, err error) {
	first := t.Extend(len(records))
	values, all := d.object.fit(records, t, first)
	if all && len(d.needed) == 0 && !d.src.RowKeyed && !d.headers && d.clock.isPlain() && d.setTimes(records, t, first) {
		return len(records), nil
	}
	keyed := len(d.needed) == 0
	var keys []cursor
	if !keyed && d.keyObject != nil && d.keyObject.learnt != nil {
		keys, _ = d.keyObject.fit(records, t, first)
		keyed = true
	}
	next := first
	for i := range records {
		rec, own := &records[i], first+i
		d.largest = max(d.largest, rec.Timestamp)
		if values[i].misfit || !d.complete(ctx, rec, t, own, keyed && (keys == nil || !keys[i].misfit)) {
			d.one.Reset()
			if err := d.search(ctx, rec, d.one); err != nil {
				t.Truncate(next)
				return i + 1, err
			}
			if rec.State == row.Undecodable {
				continue
			}
			t.SetRow(next, d.one, 0)
		} else if next != own {
			t.SetRow(next, t, own)
		}
		rec.Row = int32(next)
		next++
	}
	t.Truncate(next)
	return len(records), nil
}

// setTimes sets the event times of decoded records. It returns false if a record has no valid
// time.
func (d *Decoder) setTimes(records []row.Record, t *row.Table, first int) bool {
	if d.src.Timestamp < 0 {
		for i := range records {
			rec := &records[i]
			rec.Source, rec.State, rec.Row, rec.EventTime = d.index, row.Decoded, int32(first+i), rec.Timestamp
			if !row.IsEventTime(rec.Timestamp) {
				return false
			}
		}
		return true
	}
	c, limit, largest := t.Columns[d.src.Timestamp], d.future(), d.largest
	for i, at := range c.Int64s(first)[:len(records)] {
		rec := &records[i]
		rec.Source, rec.State, rec.Row, rec.EventTime = d.index, row.Decoded, int32(first+i), at
		reference := rec.Timestamp
		if largest = max(largest, reference); reference <= 0 {
			reference = largest
		}
		if !row.IsEventTime(at) || !c.Valid(first+i) || reference > 0 && at-reference > limit {
			return false
		}
	}
	d.largest = largest
	return true
}

// future is how far, in ms, a timestamp= column may be ahead.
func (d *Decoder) future() int64 {
	if limit := d.opt.MaxFuture.Milliseconds(); limit > 0 {
		return limit
	}
	return math.MaxInt64
}

// complete adds the columns that are not in the value: the key columns, unless row i has
// them, the headers, and the times. It returns false if that is an error.
func (d *Decoder) complete(ctx context.Context, rec *row.Record, t *row.Table, i int, keyed bool) bool {
	if d.src.RowKeyed && !utf8.Valid(rec.Key) {
		return false
	}
	if !keyed {
		d.one.Reset()
		if d.readKey(ctx, rec, d.one) != nil {
			return false
		}
		for _, column := range d.needed {
			t.Columns[column].Set(i, d.one.Columns[column], 0)
		}
	}
	if d.headers {
		d.one.Reset()
		appendHeaders(rec, d.src, d.one)
		for _, h := range d.src.Headers {
			if c := t.Columns[h.Column]; c != nil {
				c.Set(i, d.one.Columns[h.Column], 0)
			}
		}
	}
	rec.Source, rec.State = d.index, row.Decoded
	if d.src.Timestamp < 0 {
		rec.EventTime = rec.Timestamp
		return row.IsEventTime(rec.Timestamp)
	}
	return d.eventTime(rec, t.Columns[d.src.Timestamp], i) == nil
}

func (d *Decoder) decode(ctx context.Context, rec *row.Record, t *row.Table) error {
	if d.src.RowKeyed && !utf8.Valid(rec.Key) {
		return fmt.Errorf("_KEY: %w", errNotUTF8)
	}
	if err := d.readKey(ctx, rec, t); err != nil {
		return err
	}
	if err := row.CheckEventTime(rec.Timestamp); err != nil && d.src.Timestamp < 0 {
		return fmt.Errorf("the record's own timestamp %w, and the source has no timestamp= column", err)
	}
	rec.State = row.NullValue
	if rec.Value != nil {
		rec.State = row.Decoded
		if err := d.value.read(ctx, d.withoutMark(rec.Value), t); err != nil {
			return err
		}
		appendHeaders(rec, d.src, t)
	}
	switch {
	case d.src.Timestamp < 0:
		rec.EventTime = rec.Timestamp
	case rec.Value != nil:
		return d.eventTime(rec, t.Columns[d.src.Timestamp], t.Len())
	}
	return nil
}

// byteOrderMark is U+FEFF, with which some programs begin a text.
var byteOrderMark = []byte("\ufeff")

// withoutMark is a value without the byte order mark that it may begin with, where it
// is text.
func (d *Decoder) withoutMark(value []byte) []byte {
	if d.src.Format == row.FormatKafka {
		return value
	}
	return bytes.TrimPrefix(value, byteOrderMark)
}

// eventTime reads the timestamp= column in row i.
func (d *Decoder) eventTime(rec *row.Record, c *row.Vector, i int) error {
	at, err := d.clock.read(c, i)
	if err != nil {
		return err
	}
	if err := row.CheckEventTime(at); err != nil {
		return fmt.Errorf("the timestamp column %w", err)
	}
	reference, of := rec.Timestamp, "the record's own timestamp"
	if reference <= 0 {
		reference, of = d.largest, "the largest timestamp of the records before it"
	}
	if reference > 0 && at-reference > d.future() {
		return fmt.Errorf("the timestamp column (%d) is more than %v after %s (%d)", at, d.opt.MaxFuture, of, reference)
	}
	rec.EventTime = at
	return nil
}
