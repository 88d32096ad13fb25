package tables

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"

	"parallax/diff/records"
	"parallax/processors/row"
)

// digest identifies an identity: 128 bits of the hash of its canonical form.
type digest [2]uint64

// decoded is a record as a row of its identity.
type decoded struct {
	id      digest
	key     []string // texts of the key's columns
	window  Window
	deleted bool
	// isUnknown: it deletes a row of which it is not known whether it is in the sample.
	isUnknown bool
	// names and values are the columns that are compared; names are folded.
	names  []string
	values []row.Value
	// value is the digest of the values, spelling one of numbers that are not written in
	// their plain form.
	value    uint64
	spelling uint32
	// timestamp is the record's own, 0 if it is not compared.
	timestamp int64
}

// decoder decodes the records of one side. It is for one goroutine.
type decoder struct {
	mapping Mapping
	// withEnd: the window's end is part of the identity, because both sides have it.
	withEnd bool
	// ignored are the folded names of columns that are not compared. Those of copies are not
	// compared in rows in which they repeat the key or the window.
	ignored map[string]bool
	copies  copies
	// renamed has the folded names that columns of this side get, used those that a row had.
	renamed map[string]string
	used    map[string]bool
	// timestamps: the record's own is compared.
	timestamps bool
	values     records.ValueParser
	buffer     []byte
	// seen are the identities of key bytes whose columns are in values, of those that are
	// in the sample.
	seen   map[digest]digest
	sample sampling
	bits   uint32 // of the sample when seen was last reduced to it
}

var errUnknownDeletion = errors.New("it deletes a row whose key is in values, and no value of its key bytes was seen before")

// decode decodes a record. An error says why it has no row.
func (d *decoder) decode(r *Record, out *decoded) error {
	*out = decoded{key: out.key[:0], names: out.names[:0], values: out.values[:0], deleted: r.Value == nil}
	var value row.Value
	if !out.deleted {
		var err error
		if value, out.spelling, err = d.values.Parse(r.Value); err != nil {
			return fmt.Errorf("value: %w", err)
		}
	}
	if out.deleted && d.mapping.byKeyBytes {
		id, ok := d.seen[hash128(r.Key)]
		switch {
		case ok:
			out.id = id
		case d.sample.isPartial():
			out.isUnknown = true
		default:
			return errUnknownDeletion
		}
		return nil
	}
	if err := d.identity(r, value, out); err != nil {
		return err
	}
	if out.deleted {
		return nil
	}
	if err := d.columns(value, out); err != nil {
		return err
	}
	if d.timestamps {
		out.timestamp = r.Timestamp
	}
	d.buffer = binary.BigEndian.AppendUint64(d.buffer[:0], uint64(out.timestamp))
	for i, name := range out.names {
		d.buffer = binary.AppendUvarint(d.buffer, uint64(len(name)))
		d.buffer = append(d.buffer, name...)
		d.buffer = row.AppendKey(d.buffer, out.values[i])
	}
	out.value = row.HashKey(d.buffer)
	if len(d.mapping.Columns) == 0 { // rows in any order: the row is its own identity
		out.id = hash128(d.buffer)
	}
	if d.mapping.byKeyBytes && len(r.Key) > 0 {
		d.remember(r.Key, out.id)
	}
	return nil
}

// remember keeps the identity of key bytes if it is in the sample.
func (d *decoder) remember(key []byte, id digest) {
	if d.seen == nil {
		d.seen = map[digest]digest{}
	}
	if bits := d.sample.bits(); bits != d.bits {
		d.bits = bits
		maps.DeleteFunc(d.seen, func(_, id digest) bool { return !d.sample.has(id) })
	}
	if d.sample.has(id) {
		d.seen[hash128(key)] = id
	}
}

func hash128(text []byte) digest {
	h := xxh3.Hash128(text)
	return digest{h.Hi, h.Lo}
}

// identity finds a row's key and window.
func (d *decoder) identity(r *Record, value row.Value, out *decoded) error {
	m := &d.mapping
	key := r.Key
	if m.Format.Window != NoWindow {
		var ok bool
		if key, out.window, ok = cutWindow(key, m.Format.Window); !ok {
			return fmt.Errorf("its key of %d bytes does not end in a window of Kafka Streams", len(r.Key))
		}
	}
	var fields row.Value
	var err error
	if m.Format.Key == JSONKey && len(m.Columns) > 0 && slices.ContainsFunc(m.Columns, func(c KeyColumn) bool { return c.InKey }) {
		if fields, _, err = d.values.Parse(key); err != nil {
			return fmt.Errorf("key: %w", err)
		}
	}
	for _, c := range m.Columns {
		var text string
		switch {
		case !c.InKey:
			v, ok := field(value, c.Field)
			if !ok {
				return fmt.Errorf("its value has no column %s", c.Field)
			}
			text = textOf(v)
		case c.Field != "":
			v, ok := field(fields, c.Field)
			if !ok {
				return fmt.Errorf("its key has no field %s", c.Field)
			}
			text = textOf(v)
		case m.Format.Key == JSONKey:
			text = textOf(fields)
		default:
			if text, err = d.keyText(m.Format.Key, key); err != nil {
				return err
			}
		}
		out.key = append(out.key, text)
	}
	if r.Window != nil {
		out.window = *r.Window
	}
	if m.Start != "" {
		if out.window.Start, err = timeIn(value, m.Start); err != nil {
			return err
		}
	}
	if m.End != "" {
		if out.window.End, err = timeIn(value, m.End); err != nil {
			return err
		}
	}
	d.buffer = d.buffer[:0]
	for _, text := range out.key {
		d.buffer = binary.AppendUvarint(d.buffer, uint64(len(text)))
		d.buffer = append(d.buffer, text...)
	}
	if m.hasWindow {
		d.buffer = binary.BigEndian.AppendUint64(d.buffer, uint64(out.window.Start))
		if d.withEnd {
			d.buffer = binary.BigEndian.AppendUint64(d.buffer, uint64(out.window.End))
		}
	}
	out.id = hash128(d.buffer)
	return nil
}

// keyText returns a key that is one column as text.
func (d *decoder) keyText(e Encoding, key []byte) (string, error) {
	if e != JSONKey {
		return e.scalar(key)
	}
	v, _, err := d.values.Parse(key)
	if err != nil {
		return "", fmt.Errorf("key: %w", err)
	}
	return textOf(v), nil
}

// field returns a field of an object, by its name in any case.
func field(object row.Value, name string) (row.Value, bool) {
	if object.Kind() != row.Map {
		return row.Value{}, false
	}
	i := slices.Index(object.Names(), name)
	if i < 0 {
		i = slices.IndexFunc(object.Names(), func(n string) bool { return fold(n) == fold(name) })
	}
	if i < 0 {
		return row.Value{}, false
	}
	return object.Elements()[i], true
}

// textOf returns a column of a key as text: the number 7 and the text 7 are one key.
func textOf(v row.Value) string {
	switch v.Kind() {
	case row.String:
		return v.Str()
	case row.Null:
		return "\x00null"
	}
	return string(row.AppendJSON(nil, v))
}

// timeIn returns a time in a column, in ms: a number of ms, or a text.
func timeIn(value row.Value, name string) (int64, error) {
	v, ok := field(value, name)
	if !ok {
		return 0, fmt.Errorf("its value has no column %s", name)
	}
	return timeOf(v, name)
}

// timeOf is the time of a value of a column.
func timeOf(v row.Value, name string) (int64, error) {
	text := textOf(v)
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return ms, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UnixMilli(), nil
		}
	}
	return 0, fmt.Errorf("its column %s is %s, which is neither a number of milliseconds nor a time such as 2026-01-02T03:04:05Z", name, row.Shorten(text))
}

// copies are the folded names of columns that may repeat what is in the identity.
type copies struct {
	key        map[string]int // the index of the column in the key
	start, end string         // of the window; "" for none
}

// isCopy reports whether a column of a value repeats the row's key or window, which are
// compared as parts of the identity. A column that only has the name of one is compared.
func (d *decoder) isCopy(name string, v row.Value, out *decoded) bool {
	if i, ok := d.copies.key[name]; ok {
		return textOf(v) == out.key[i]
	}
	var window int64
	switch {
	case name == d.copies.start && name != "":
		window = out.window.Start
	case name == d.copies.end && name != "" && d.withEnd:
		window = out.window.End
	case name == d.copies.end && name != "":
		return fold(d.mapping.End) == name // the other side does not know it
	default:
		return false
	}
	at, err := timeOf(v, name)
	return err == nil && at == window
}

// columns finds the columns of a value that are compared, sorted by name.
func (d *decoder) columns(value row.Value, out *decoded) error {
	if value.Kind() != row.Map {
		out.names, out.values = append(out.names, "value"), append(out.values, value)
		return nil
	}
	for i, name := range value.Names() {
		name = fold(name)
		if to, ok := d.renamed[name]; ok {
			d.used[name] = true
			name = to
		}
		if d.ignored[name] || d.isCopy(name, value.Elements()[i], out) {
			continue
		}
		at, exists := slices.BinarySearch(out.names, name)
		if exists {
			return fmt.Errorf("value: it has the column %s twice, in different cases", name)
		}
		out.names = slices.Insert(out.names, at, name)
		out.values = slices.Insert(out.values, at, value.Elements()[i])
	}
	return nil
}
