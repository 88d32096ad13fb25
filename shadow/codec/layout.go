package codec

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"unsafe"

	"parallax/processors/row"
)

// layout is what a topic's records have in common: the bytes that stand between
// their values. A record that has the same bytes there, and between them values
// of the plainest kind, is decoded without looking for anything. Any other is
// left to the object's own way, which alone decides what is right: what a
// layout takes, it takes to the same answer.
//
// It is two loops, find and take. One that did both would do neither in
// registers.
type layout struct {
	steps []step
	takes []take
	// long are the texts of the literals that have more than sixteen bytes, by
	// step; end is what stands after the last value.
	long []string
	end  string
	// missing are the columns that these records do not have.
	missing []int
	tail    [tailSize]byte // of the record, with zeros behind it
}

// step is one field: what stands before its value, what ends that, and, of the
// record that is being decoded, where it is. All of it is in one cache line.
type step struct {
	before literal
	// stops are two bytes, eight times each: the value ends before the first. Of a
	// text they are a quote and a backslash, else comma and bracket. Whether it was
	// the right one is for the next literal to say.
	stops [2]uint64
	// width is how long the value is. While it is being looked for it says how
	// long it was in the last record: going on from where it would end, and finding
	// that right, spares the processor a wait. It need not know the value's bytes
	// to know where the next one begins.
	width  int32
	from   int32
	nested bool // an object or array
}

// take is what becomes of a step's value.
type take struct {
	action action
	scale  uint8 // of a DECIMAL
	step   int32
	column int32
	// limit is one more than the largest magnitude that fits a number.
	limit uint64
}

// action is what is done with a value.
type action uint8

const (
	passScalar  action = iota // nobody asked for it
	takeText                  // of a STRING column
	takeInteger               // of an INT, BIGINT or TIMESTAMP column
	takeDecimal
	convertText // of a column of another type
	convertScalar
)

// learn makes the layout of a record of which the members are known; nil where
// it would not help: a column comes twice, or one has a value for which there is
// no fast way.
func (o *object) learn(b []byte, members []member) *layout {
	l := &layout{}
	at := 0 // after the last value, but before a text's closing quote
	for k, m := range members {
		if m.column >= 0 && o.found[m.column] != m.value {
			return nil // the first of two
		}
		s := step{stops: [2]uint64{ones * ',', ones * '}'}, nested: m.value.kind == '{' || m.value.kind == '['}
		start, end := m.value.from, m.value.to
		if m.value.kind == '"' {
			s.stops = [2]uint64{ones * '"', ones * '\\'}
			start, end = start+1, end-1
		}
		if start-at > math.MaxUint16 || bytes.IndexByte(b[at:start], 0) >= 0 {
			return nil // zeros look like the end of a record, as find sees it
		}
		if t := (take{step: int32(k), column: int32(m.column)}); t.choose(o.src, m.value.kind) {
			l.takes = append(l.takes, t)
		} else if m.column >= 0 {
			return nil
		}
		s.before = newLiteral(b[at:start])
		l.long = append(l.long, string(b[at:start]))
		l.steps = append(l.steps, s)
		at = end
	}
	for _, column := range o.needed {
		if o.found[column].to == 0 {
			l.missing = append(l.missing, column)
		}
	}
	l.end = string(b[at:])
	return l
}

// choose decides what take does with values that start like this; false where
// that is nothing, or nothing can be done.
func (t *take) choose(src *row.Source, kind byte) bool {
	if t.column < 0 {
		t.action = passScalar
		return kind == 0 // of anything else find has seen to all
	}
	column := src.Columns[t.column].Type
	switch {
	case kind == '"' && column.Kind == row.String:
		t.action = takeText
	case kind == '"':
		t.action = convertText
	case kind != 0:
		return false
	case column.Kind == row.Int:
		t.action, t.limit = takeInteger, 1<<31
	case column.Kind == row.Bigint || column.Kind == row.Timestamp:
		t.action, t.limit = takeInteger, powers[16]
	case column.Kind == row.Decimal:
		t.action, t.scale, t.limit = takeDecimal, uint8(column.Scale), powers[min(column.Precision, 16)]
	default:
		t.action = convertScalar
	}
	return true
}

var powers = func() (p [17]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// decode appends a record's columns; false where the record is not of this
// layout. Some columns may have been appended then.
func (l *layout) decode(o *object, b []byte, t *row.Table) bool {
	if i := l.find(o, b); i < 0 || i+len(l.end) != len(b) || string(b[i:]) != l.end {
		return false
	}
	columns := t.Columns
	for k := range l.takes {
		t := &l.takes[k]
		s := &l.steps[t.step]
		if !t.quick(columns, b, int(s.from), int(s.width)) && !t.slow(columns, b[s.from:s.from+s.width]) {
			return false
		}
	}
	for _, column := range l.missing {
		t.Columns[column].AppendNull()
	}
	return true
}

// find finds the values and returns where the last one ends; -1 where a literal
// is not in its place. It judges nothing else.
func (l *layout) find(o *object, b []byte) int {
	p, i, steps := newWindow(b), 0, l.steps
	for k := range steps {
		s := &steps[k]
		if i > p.limit {
			if p = p.moveOn(b, i, &l.tail); i > p.limit {
				return -1
			}
		}
		if ((p.word(i)^s.before.head)|(p.word(i+int(s.before.tailAt))^s.before.tail))&s.before.mask != 0 {
			return -1
		}
		if i += int(s.before.n); s.before.n > 16 {
			if p = l.longer(b, k, i, p); i > p.limit {
				return -1
			}
		}
		s.from = int32(i)
		if s.nested {
			if i = l.pass(o, s, b, i); i < 0 {
				return -1
			}
			continue
		}
		hit := s.stop(p.word(i))
		n := 0
		if hit == 0 {
			hit = s.stop(p.word(i + 8))
			n = 8
		}
		n += bits.TrailingZeros64(hit) >> 3
		if hit == 0 {
			if n = s.search(b, i); n < 0 {
				return -1
			}
		}
		// See width.
		if n == int(s.width) {
			i += int(s.width)
		} else {
			s.width = int32(n)
			i += n
		}
	}
	return i
}

// stop marks the first byte that is one of the two.
func (s *step) stop(w uint64) uint64 {
	x, y := w^s.stops[0], w^s.stops[1]
	return ((x-ones)&^x | (y-ones)&^y) & highs
}

// longer checks the literal before i where it has more than its head and tail,
// and has the window reach beyond it; else the window has a limit below i.
func (l *layout) longer(b []byte, k, i int, p window) window {
	text := l.long[k]
	if i > len(b) || string(b[i-len(text):i]) != text {
		return window{limit: -1}
	}
	if i > p.limit {
		p = p.moveOn(b, i, &l.tail)
	}
	return p
}

// search finds where a value of more than sixteen bytes ends: its width, -1
// where it does not.
func (s *step) search(b []byte, i int) int {
	for j := i + 16; j < len(b); j += 8 {
		if hit := s.stop(load(b, j)); hit != 0 {
			return j - i + bits.TrailingZeros64(hit)>>3
		}
	}
	return -1
}

// pass passes an object or array and returns where it ends, -1 where it does not.
func (l *layout) pass(o *object, s *step, b []byte, i int) int {
	o.scan.b, o.scan.at = b, i
	if i >= len(b) || b[i] != '{' && b[i] != '[' || o.scan.nested() != nil {
		return -1
	}
	s.width = int32(o.scan.at - i)
	return o.scan.at
}

// quick appends a value of the plainest kind: n bytes at i. It is false where it
// appended nothing, which says nothing about the value.
func (t *take) quick(columns []*row.Vector, b []byte, i, n int) bool {
	if n > 16 || n == 0 {
		return false
	}
	w := load(b, i)
	head := ^uint64(0) >> (8 * uint(8-min(n, 8))) // the bytes of w that are the value's
	second, tail := uint64(0), uint64(0)
	if n > 8 {
		second, tail = load(b, i+8), ^uint64(0)>>(8*uint(16-n))
	}
	if t.action == takeText {
		if notPlain(w)&head|notPlain(second)&tail != 0 {
			return false
		}
		columns[t.column].AppendStr(alias(b[i : i+n]))
		return true
	}
	digits := notDigits(w)&head | notDigits(second)&tail
	switch {
	case t.action == passScalar:
		return digits == 0
	case byte(w) == '0' && n > 1:
		return false // or it is 0.5, or no number
	case t.action == takeInteger:
		v := number(w, min(n, 8))
		if n > 8 {
			v = v*powers[n-8] + number(second, n-8)
		}
		if digits != 0 || v >= t.limit {
			return false
		}
		columns[t.column].AppendInt64(int64(v))
		return true
	case t.action == takeDecimal:
		// The usual amount: up to five digits, a point, two more.
		if point := uint(8 * (n - 3)); n > 3 && n <= 8 && t.scale == 2 && digits == 0x80<<point && byte(w>>point) == '.' {
			// The digits move together over the point.
			v := number(w&(1<<point-1)|w>>8&^(1<<point-1), n-1)
			if v < t.limit {
				columns[t.column].AppendInt128(row.Int128{Lo: v})
				return true
			}
		}
	}
	return false
}

// slow appends a value as object does, but for those that are better left to it.
func (t *take) slow(columns []*row.Vector, raw []byte) bool {
	switch t.action {
	case passScalar:
		return len(raw) > 0 && !bytes.ContainsAny(raw, "]: \t\r\n\"{[") // see scanner.value
	case takeText:
		if plainText(raw) {
			columns[t.column].AppendStr(alias(raw))
			return true
		}
		return false
	case convertText:
		return plainText(raw) && appendText(columns[t.column], raw)
	}
	return appendScalar(columns[t.column], raw)
}

// plainText reports whether a text is ASCII with nothing escaped.
func plainText(b []byte) bool {
	for i := 0; i < len(b); i += 8 {
		if rest := len(b) - i; notPlain(load(b, i))&(^uint64(0)>>(8*uint(8-min(rest, 8)))) != 0 {
			return false
		}
	}
	return true
}

// alias returns the text that bytes are, without copying them: they belong to
// the record, which its batch holds.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// literal is bytes that have to be there.
type literal struct {
	// head is its first eight bytes, tail those from its byte tailAt on: of one of
	// sixteen bytes at most, its last. mask leaves as many of both as it has, where
	// it is shorter.
	head, tail, mask uint64
	n, tailAt        uint16
}

func newLiteral(b []byte) literal {
	l := literal{n: uint16(len(b)), tailAt: uint16(min(max(len(b)-8, 0), 8)), mask: ^uint64(0)}
	if len(b) < 8 {
		l.mask = 1<<(8*len(b)) - 1
	}
	l.head, l.tail = load(b, 0)&l.mask, load(b, int(l.tailAt))&l.mask
	return l
}

// window lets a record be read eight bytes at a time without asking each time
// whether there are as many: up to limit there are. From there on it shows a copy
// of the record's end with zeros behind it. No literal and no value has those.
type window struct {
	p     unsafe.Pointer // where byte off of the record is
	off   int
	limit int
}

const (
	// reach is how far beyond a field's beginning its step looks: sixteen bytes of
	// a literal, sixteen of a value.
	reach    = 32
	tailSize = 3 * reach
)

func newWindow(b []byte) window {
	return window{p: unsafe.Pointer(unsafe.SliceData(b)), limit: len(b) - reach}
}

// moveOn goes over to a copy of the end; where i is beyond the record, it stays
// beyond the limit.
func (p window) moveOn(b []byte, i int, tail *[tailSize]byte) window {
	if p.limit == len(b) || i > len(b) {
		return p
	}
	n := copy(tail[:], b[i:]) // less than reach: i is beyond the limit
	clear(tail[n:])
	return window{unsafe.Pointer(tail), i, len(b)}
}

// word returns the eight bytes at i.
func (p window) word(i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p.p, i-p.off))[:])
}

// Eight bytes at a time: see "Bit Twiddling Hacks" (Anderson) for the tests, and
// Lemire, "Quickly parsing eight digits", for the sum. Where a test can be wrong,
// it is so only for bytes after the first that it found.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// load returns the eight bytes at b[i], zeros for those beyond the end.
func load(b []byte, i int) uint64 {
	if i+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[i:])
	}
	return loadEnd(b, i)
}

func loadEnd(b []byte, i int) (w uint64) {
	if i >= len(b) {
		return 0
	}
	if len(b) >= 8 {
		return binary.LittleEndian.Uint64(b[len(b)-8:]) >> (8 * uint(i+8-len(b)))
	}
	for j := len(b) - 1; j >= i; j-- {
		w = w<<8 | uint64(b[j])
	}
	return w
}

// quoteOrSlash marks the first byte that is either.
func quoteOrSlash(w uint64) uint64 {
	quote, slash := w^ones*'"', w^ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash) & highs
}

// notPlain marks the first byte that is either, or no printable ASCII.
func notPlain(w uint64) uint64 {
	return quoteOrSlash(w) | ((w-ones*' ')&^w|w)&highs
}

// notDigits marks the bytes that are no digits.
func notDigits(w uint64) uint64 {
	w ^= ones * '0'
	return (w&^highs + ones*(0x80-10) | w) & highs
}

// number is the value of the first n digits of a word, 1 to 8 of them.
func number(w uint64, n int) uint64 {
	w = (w ^ ones*'0') << (64 - 8*uint(n))
	w = w*10 + w>>8
	const every = 0x000000ff000000ff
	return (w&every*(100+1_000_000<<32) + w>>16&every*(1+10_000<<32)) >> 32
}
