package codec

import (
	"encoding/binary"
	"unsafe"

	"parallax/processors/row"
)

// chunkSize is how many records a layout decodes at a time. They stay in the first-level
// cache while each step processes all of them.
const chunkSize = 32

// chunk is the records that are being decoded by a layout.
type chunk struct {
	o *object
	// n is the number of records. Their rows in table start at first.
	n, first int
	table    *row.Table
	cursors  [chunkSize]cursor
	// tails are copies of the records' last bytes, followed by zeros that are never
	// overwritten. Neither a literal nor a value contains a zero, so no step reads past the
	// end.
	tails [chunkSize][2 * reach]byte
	one   *row.Table // scratch
}

// cursor is a place in a record.
type cursor struct {
	base unsafe.Pointer // where the record begins
	p    unsafe.Pointer // where its byte off is, or a copy of it
	// at is the current position, relative to p. Up to limit, the bytes that a step reads
	// are within the record. n is the record's length.
	at, limit, off, n int32
	// misfit: the record does not have the layout. Its row is undefined.
	misfit bool
}

// reach is how far a step reads: sixteen bytes of a literal, sixteen of a value.
const reach = 32

// decode fills the rows of t from first on, one for each record, except for misfits. It
// returns the number of records that fitted.
func (l *layout) decode(k *chunk, records []row.Record, t *row.Table, first int) int {
	k.table, k.first, k.n = t, first, len(records)
	k.begin(records)
	for n := range l.steps {
		s := &l.steps[n]
		if s.long != "" {
			k.passLong(s.long)
		}
		s.take(k, s)
	}
	for _, column := range l.missing {
		for i := range records {
			t.Columns[column].SetNull(first + i)
		}
	}
	return k.end(l)
}

// begin puts the cursors at the records' beginnings.
func (k *chunk) begin(records []row.Record) {
	for i := range k.cursors[:len(records)] {
		c := &k.cursors[i]
		b := records[i].Value
		if k.o.isKey {
			b = records[i].Key
		}
		base := unsafe.Pointer(unsafe.SliceData(b))
		c.base, c.p, c.at, c.off, c.limit, c.n, c.misfit = base, base, 0, 0, int32(len(b)-reach), int32(len(b)), false
		if len(b) <= reach {
			tail := &k.tails[i]
			clear(tail[copy(tail[:], b):reach])
			c.p, c.limit, c.misfit = unsafe.Pointer(tail), reach, b == nil
		}
	}
}

// end checks that the cursors are at the records' ends, and counts the records for which
// they are.
func (k *chunk) end(l *layout) (fit int) {
	if l.longEnd != "" {
		k.passLong(l.longEnd)
	}
	for i := range k.cursors[:k.n] {
		c := &k.cursors[i]
		if c.at > c.limit {
			k.moveOn(i)
		}
		if c.off+c.at+int32(l.end.n) != c.n || !l.end.at(unsafe.Add(c.p, int(c.at))) {
			c.misfit = true
		}
		if !c.misfit {
			fit++
		}
	}
	return fit
}

// bytes are record i's.
func (k *chunk) bytes(i int) []byte {
	return unsafe.Slice((*byte)(k.cursors[i].base), k.cursors[i].n)
}

// moveOn switches to the copy of the record's end.
func (k *chunk) moveOn(i int) {
	c, tail := &k.cursors[i], &k.tails[i]
	if c.limit == reach && c.p != c.base {
		return // there already, and the literal will not be there
	}
	off := c.n - reach
	end := unsafe.Add(c.base, off)
	// Word by word: a copy that long is a call.
	binary.LittleEndian.PutUint64(tail[0:], word(end))
	binary.LittleEndian.PutUint64(tail[8:], word(unsafe.Add(end, 8)))
	binary.LittleEndian.PutUint64(tail[16:], word(unsafe.Add(end, 16)))
	binary.LittleEndian.PutUint64(tail[24:], word(unsafe.Add(end, 24)))
	c.p, c.at, c.limit, c.off = unsafe.Pointer(tail), c.at-off, reach, off
}

// at reports whether the literal is at p.
func (l *literal) at(p unsafe.Pointer) bool {
	return ((word(p)^l.head)|(word(unsafe.Add(p, l.tailAt))^l.tail))&l.mask == 0
}

// enter passes the literal before a value and returns where that is; nil where
// the record is a misfit.
func (k *chunk) enter(i int, s *step) unsafe.Pointer {
	c := &k.cursors[i]
	if c.at > c.limit {
		k.moveOn(i)
	}
	p := unsafe.Add(c.p, int(c.at))
	if c.misfit || !s.before.at(p) {
		c.misfit = true
		return nil
	}
	c.at += int32(s.before.n)
	return unsafe.Add(p, s.before.n)
}

// passLong skips a text longer than a literal in all records.
func (k *chunk) passLong(text string) {
	for i := range k.cursors[:k.n] {
		c := &k.cursors[i]
		if c.misfit {
			continue
		}
		b := k.bytes(i)[c.off+c.at:]
		if len(b) < len(text) || string(b[:len(text)]) != text {
			c.misfit = true
		} else if c.at += int32(len(text)); c.at > c.limit {
			k.moveOn(i)
		}
	}
}

// any reads record i's value as object does. On an error the record is a misfit.
func (k *chunk) any(i int, s *step) {
	c, scan := &k.cursors[i], &k.o.scan
	if c.misfit {
		return
	}
	b := k.bytes(i)
	scan.b, scan.at = b, int(c.off+c.at)
	if s.quoted {
		scan.at--
	}
	value, err := scan.value()
	if err == nil && s.column >= 0 {
		err = k.set(i, s.column, b[value.from:value.to], value.kind)
		for n := 0; err == nil && n < len(s.also); n++ {
			err = k.set(i, s.also[n], b[value.from:value.to], value.kind)
		}
	}
	if err != nil {
		c.misfit = true
		return
	}
	if c.at = int32(scan.at) - c.off; s.quoted {
		c.at-- // the closing quote is the next literal's
	}
}

// set sets a column of record i to a value.
func (k *chunk) set(i, column int, raw []byte, kind byte) error {
	k.one.Reset()
	one := k.one.Columns[column]
	k.o.isKeyed = k.o.src.IsKeyed(column)
	if err := k.o.convert(one, raw, kind); err != nil {
		return err
	}
	k.table.Columns[column].Set(k.first+i, one, 0)
	return nil
}
