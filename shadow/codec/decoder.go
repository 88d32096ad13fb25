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

// DecodeOptions are the job's wishes about what may be decoded.
type DecodeOptions struct {
	// MaxFuture is how far a timestamp= column may be after the record's own
	// timestamp, or, where that is not above 0, after the largest own timestamp before
	// it in its topic-partition, if there is one (see Decoder.After); 0 allows any.
	MaxFuture time.Duration
}

// Decoder decodes the records of one source. What it has seen makes it faster,
// never different. It is not safe for concurrent use: make one a goroutine.
type Decoder struct {
	src   *row.Source
	index int32
	opt   DecodeOptions
	// value and key read what they hold. needed are the needed KEY columns.
	value, key reader
	needed     []int
	// object and keyObject are value and key where those are JSON objects, which
	// learn layouts; else nil.
	object, keyObject *object
	// headers says that the query needs columns that are read from headers.
	headers bool
	clock   clock
	// largest is the largest own timestamp so far; not above 0 where there is none.
	largest int64
	one     *row.Table // scratch
}

// NewDecoder returns a decoder of source number index of its plan. A format may ask
// another system for what it needs; ctx ends that.
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

// After says the largest own timestamp before what is decoded next in the same
// topic-partition, not above 0 for none. From there on the decoder keeps it: records
// that follow one another need one call.
func (d *Decoder) After(largest int64) { d.largest = largest }

// Decode is DecodeAll of one record.
func (d *Decoder) Decode(ctx context.Context, rec *row.Record, t *row.Table) error {
	_, err := d.DecodeAll(ctx, unsafe.Slice(rec, 1), t)
	return err
}

// DecodeAll reads the Key, Value and Timestamp of records, appends a row to t for
// each, in order, and sets State, Err, EventTime, Source and Row. An undecodable
// record appends nothing. Under timestamp= a null value's EventTime is left at
// -1: it is its topic-partition's largest so far, which only its sequencer knows.
//
// There are two kinds of errors. A record's own Err says that the record is bad. The
// returned error says that records[done] cannot be decoded for now, and nothing about that
// record: what its format needs cannot be reached, or ctx has ended. The records before it
// are decoded. Those from it on are not, and t has no rows of them: decode them again
// later.
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

// search decodes a record of whatever layout.
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

// fit decodes records of the value's learnt layout, and searches what is not.
// Each is given a row in advance; what turns out to have none is closed up. With an error
// the last of the n records is the one that cannot be decoded for now.
func (d *Decoder) fit(ctx context.Context, records []row.Record, t *row.Table) (n int, err error) {
	first := t.Extend(len(records))
	values, all := d.object.fit(records, t, first)
	if all && len(d.needed) == 0 && !d.src.RowKeyed && !d.headers && d.clock.isPlain() && d.timed(records, t, first) {
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

// timed places records of which the columns are decoded. It is false where one
// of them has no time that may be.
func (d *Decoder) timed(records []row.Record, t *row.Table, first int) bool {
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

// complete adds what is not in the value: the key columns, unless row i has them,
// headers, and the times. It is false where that is an error.
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
