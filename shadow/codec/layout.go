package codec

import (
	"bytes"
	"encoding/binary"
	"math"

	"parallax/processors/row"
)

// layout has the bytes that a topic's records have in common: those between their values. Records
// with the same bytes there are decoded without a search, many at a time (see chunk): each
// step first compares its literal in all of them, then reads its value from all of them.
// Other records are searched by object, which defines the correct result: decoding with a
// layout gives the same result.
type layout struct {
	steps []step
	// longEnd or end is the text after the last value; the other one is empty.
	longEnd string
	end     literal
	// missing are the columns that these records do not have.
	missing []int
}

// step is one field.
type step struct {
	before literal
	// long is the text before the value if it is too long for the literal before, which is
	// then empty.
	long string
	take take
	// column is -1 if no query needs the field. also are further columns with the same
	// value, usually none.
	column int
	also   []int
	// quoted: the value is a text, and the literal before it includes the opening quote.
	// after is the byte after the value.
	quoted bool
	after  byte
	scale  int // of a DECIMAL
	// limit is one more than the largest magnitude of the column's numbers.
	limit uint64
}

// take reads the values of a step from all records of a chunk.
type take func(k *chunk, s *step)

// learn returns the layout of a record with known members; nil if it would not help. Which
// of several fields is a column's value depends on their names only, so it is the same in
// all records of the layout; the other fields are skipped.
func (o *object) learn(b []byte, members []member) *layout {
	l := &layout{}
	at := 0 // after the last value, but before a text's closing quote
	for _, m := range members {
		start, end := m.value.from, m.value.to
		s := step{column: -1, quoted: m.value.kind == '"'}
		for _, column := range m.columns {
			switch {
			case o.found[column].value != m.value:
			case s.column < 0:
				s.column = column
			default:
				s.also = append(s.also, column)
			}
		}
		if s.quoted {
			start, end = start+1, end-1
		}
		s.after = b[end]
		s.choose(o.src, m.value)
		if bytes.IndexByte(b[at:start], 0) >= 0 {
			return nil // zeros look like the end of a record
		}
		s.long, s.before = newLiteral(b[at:start])
		l.steps = append(l.steps, s)
		at = end
	}
	for _, column := range o.needed {
		if o.found[column].value.to == 0 {
			l.missing = append(l.missing, column)
		}
	}
	l.longEnd, l.end = newLiteral(b[at:])
	return l
}

// choose selects the function that reads values of this form.
func (s *step) choose(src *row.Source, value span) {
	kind := value.kind
	if s.column < 0 {
		switch kind {
		case '"':
			s.take = passTexts
		case 0:
			s.take = passNumbers
		default:
			s.take = takeAny
		}
		return
	}
	column := src.Columns[s.column].Type
	switch {
	case len(s.also) > 0:
		s.take = takeAny
	case kind == '"' && column.Kind == row.String:
		s.take = takeTexts
	case kind != 0:
		s.take = takeAny
	case column.Kind == row.Int || column.Kind == row.Bigint || column.Kind == row.Timestamp:
		s.take, s.limit = takeIntegers, math.MaxUint64
		if column.Kind == row.Int {
			s.limit = 1 << 31
		}
		if value.to-value.from > 7 {
			s.take = takeLongIntegers
		}
	case column.Kind == row.Decimal && column.Scale <= mostFraction:
		s.take, s.scale, s.limit = takeDecimals, column.Scale, powers[min(column.Precision, 16)]
	case column.Kind == row.Double:
		s.take = takeDoubles
	default:
		s.take = takeAny
	}
}

// literal is an expected sequence of at most longest bytes.
type literal struct {
	// head is its first eight bytes, tail its last, those from tailAt on. mask
	// leaves as many of both as it has, where it is shorter.
	head, tail, mask uint64
	tailAt, n        int
}

const longest = 16

// newLiteral returns a literal of a text, or the text as long if it is too long.
func newLiteral(text []byte) (long string, l literal) {
	if len(text) > longest {
		return string(text), l
	}
	var b [longest]byte
	l.n = copy(b[:], text)
	l.tailAt, l.mask = max(l.n-8, 0), 1<<(8*min(l.n, 8))-1
	l.head = binary.LittleEndian.Uint64(b[:]) & l.mask
	l.tail = binary.LittleEndian.Uint64(b[l.tailAt:]) & l.mask
	return "", l
}
