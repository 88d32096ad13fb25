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
type layout struct {
	steps []step
	// long are the texts of the literals that have more than sixteen bytes, by
	// step.
	long []string
	// end is what stands after the last value.
	end string
	// missing are the columns that these records do not have.
	missing []int
}

// step is one field: what stands before its value, and what is done with that.
// All of it is in one cache line.
type step struct {
	before literal
	// limit is one more than the largest magnitude that fits a number.
	limit uint64
	// width is how long the value was in the last record. Going on from where it
	// would end, and finding that right, spares the processor a wait: it need not
	// know the value's bytes to know where the next one begins.
	width  int
	column int32
	action action
	scale  uint8 // of a DECIMAL
}

// action is what is done with a value.
type action uint8

const (
	passNumber action = iota // digits, nobody asked for them
	passText
	passNested
	takeText
	takeInteger
	takeDecimal
	convertText // a column of another type, from text
	convertScalar
)

// learn makes the layout of a record of which the members are known; nil where
// it would not help: a column comes twice, or one has a value for which there is
// no fast way.
func (o *object) learn(b []byte, members []member) *layout {
	l := &layout{}
	at := 0 // after the last value, but before a text's closing quote
	for _, m := range members {
		if m.column >= 0 && o.found[m.column] != m.value {
			return nil // the first of two
		}
		s := step{column: int32(m.column)}
		if !s.choose(o.src, m, b) {
			return nil
		}
		start, end := m.value.from, m.value.to
		if m.value.kind == '"' {
			start, end = start+1, end-1
		}
		if bytes.IndexByte(b[at:start], 0) >= 0 {
			return nil // looks like the end of a record, as decode sees it
		}
		s.before = newLiteral(b[at:start])
		if start-at > math.MaxUint16 {
			return nil
		}
		l.long = append(l.long, string(b[at:start]))
		at = end
		l.steps = append(l.steps, s)
	}
	for _, column := range o.needed {
		if o.found[column].to == 0 {
			l.missing = append(l.missing, column)
		}
	}
	l.end = string(b[at:])
	return l
}

// choose decides what is done with values like this one.
func (s *step) choose(src *row.Source, m member, b []byte) bool {
	switch {
	case m.column < 0 && m.value.kind == '"':
		s.action = passText
	case m.column < 0 && m.value.kind != 0:
		s.action = passNested
	case m.column < 0:
		s.action = passNumber
		return isNumber(b[m.value.from:m.value.to])
	default:
		return s.take(src.Columns[m.column].Type, m.value.kind)
	}
	return true
}

// take decides how values that start like this become a column's.
func (s *step) take(t row.Type, kind byte) bool {
	switch {
	case kind == '"' && t.Kind == row.String:
		s.action = takeText
	case kind == '"':
		s.action = convertText
	case kind != 0:
		return false
	case t.Kind == row.Int:
		s.action, s.limit = takeInteger, 1<<31
	case t.Kind == row.Bigint || t.Kind == row.Timestamp:
		s.action, s.limit = takeInteger, powers[mostDigits]
	case t.Kind == row.Decimal:
		s.action, s.scale, s.limit = takeDecimal, uint8(t.Scale), powers[min(t.Precision, mostDigits)]
	default:
		s.action = convertScalar
	}
	return true
}

// mostDigits is how long a number may be that the fast way reads.
const mostDigits = 18

var powers = func() (p [mostDigits + 1]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// decode appends a record's columns; false where the record is not of this
// layout. Some columns may have been appended then.
func (l *layout) decode(o *object, b []byte, t *row.Table) bool {
	p := newWindow(b, &o.tail)
	columns, steps := t.Columns, l.steps
	i := 0
	for k := range steps {
		s := &steps[k]
		if i > p.limit && !p.moveOn(b, i) {
			return false
		}
		if !s.before.at(p, i) {
			return false
		}
		if i += int(s.before.n); s.before.n > 16 && !l.isLong(b, k, i) {
			return false
		}
		w := p.word(i)
		n := 0
		switch s.action {
		case passNumber:
			n = bits.TrailingZeros64(notDigits(w)) >> 3
			if n == 0 || n == 8 || byte(w>>(8*uint(n))) == '.' {
				if n = passDigits(b, i) - i; n <= 0 {
					return false
				}
			}
		case passText:
			hit := quoteOrSlash(w)
			if hit == 0 {
				hit = quoteOrSlash(p.word(i + 8))
				n = 8
			}
			n += bits.TrailingZeros64(hit) >> 3
			if hit == 0 || p.byte(i+n) != '"' {
				if n = findQuote(b, i) - i; n < 0 {
					return false
				}
			}
		case takeText:
			hit := notPlain(w)
			if hit == 0 {
				hit = notPlain(p.word(i + 8))
				n = 8
			}
			n += bits.TrailingZeros64(hit) >> 3
			if hit == 0 {
				if n = plainText(b, i) - i; n < 0 {
					return false
				}
			} else if p.byte(i+n) != '"' || i+n >= len(b) {
				return false
			}
			columns[s.column].AppendStr(alias(b[i : i+n]))
		case takeInteger:
			v, neg := uint64(0), false
			n = bits.TrailingZeros64(notDigits(w)) >> 3
			if n == 0 || n == 8 || byte(w) == '0' {
				v, neg, n = integer(p, i)
			} else {
				v = number(w, n)
			}
			if n < 0 || v >= s.limit {
				return false
			}
			if neg {
				v = -v
			}
			columns[s.column].AppendInt64(int64(v))
		case takeDecimal:
			v, neg := uint64(0), false
			v, n = s.amount(w)
			if n == 0 {
				v, neg, n = decimal(p, i, int(s.scale))
			}
			if n < 0 || v >= s.limit {
				return false
			}
			d := row.Int128{Lo: v}
			if neg {
				d = row.Int128Of(-int64(v))
			}
			columns[s.column].AppendInt128(d)
		default:
			if n = s.slowly(o, b, i, t); n < 0 {
				return false
			}
		}
		// See width.
		if n == s.width {
			i += s.width
		} else {
			s.width = n
			i += n
		}
	}
	if i+len(l.end) != len(b) || string(b[i:]) != l.end {
		return false
	}
	for _, column := range l.missing {
		columns[column].AppendNull()
	}
	return true
}

// amount reads the usual DECIMAL from a word: up to five digits, a point, two
// more where the scale is two. The width is 0 where it is not like that.
func (s *step) amount(w uint64) (v uint64, width int) {
	digits := notDigits(w)
	n := uint(bits.TrailingZeros64(digits)) >> 3
	// After the point, which is the first that is no digit, there are two, and
	// the byte after them is none.
	if s.scale != 2 || n-1 > 4 || byte(w>>(8*n)) != '.' || byte(w) == '0' || digits>>(8*n+8)&0x808080 != 0x800000 {
		return 0, 0
	}
	// The digits move together over the point.
	whole := w & (1<<(8*n) - 1)
	cents := w >> (8*n + 8) & 0xffff << (8 * n)
	return number(whole|cents, int(n)+2), int(n) + 3
}

// isLong reports whether all of step k's literal stands before i: more than its
// head and tail.
func (l *layout) isLong(b []byte, k, i int) bool {
	text := l.long[k]
	return i <= len(b) && i >= len(text) && string(b[i-len(text):i]) == text
}

// slowly does what is rarely done, and returns the value's width; -1 where it
// cannot.
func (s *step) slowly(o *object, b []byte, i int, t *row.Table) int {
	if i >= len(b) {
		return -1
	}
	end := i
	switch s.action {
	case passNested:
		o.scan.b, o.scan.at = b, i
		if b[i] != '{' && b[i] != '[' || o.scan.nested() != nil {
			return -1
		}
		return o.scan.at - i
	case convertText:
		if end = plainText(b, i); end < 0 || !appendText(t.Columns[s.column], b[i:end]) {
			return -1
		}
	default:
		for end < len(b) && b[end] != ',' && b[end] != '}' && b[end] > ' ' {
			end++
		}
		if !appendScalar(t.Columns[s.column], b[i:end]) {
			return -1
		}
	}
	return end - i
}

// alias returns the text that bytes are, without copying them: they belong to
// the record, which its batch holds.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// literal is bytes that have to be there.
type literal struct {
	// head is its first eight bytes, tail those from its byte tailAt on, which are
	// its last; mask leaves as many of both as it has, where it is shorter.
	head, tail, mask uint64
	n, tailAt        uint16
}

func newLiteral(b []byte) literal {
	l := literal{n: uint16(len(b)), tailAt: uint16(max(len(b)-8, 0)), mask: ^uint64(0)}
	if len(b) < 8 {
		l.mask = 1<<(8*len(b)) - 1
	}
	l.head, l.tail = load(b, 0)&l.mask, load(b, int(l.tailAt))&l.mask
	return l
}

// at reports whether the literal's head, and up to sixteen bytes of it also its
// tail, stand at i.
func (l *literal) at(p window, i int) bool {
	if l.n > 16 {
		return p.word(i) == l.head
	}
	return ((p.word(i)^l.head)|(p.word(i+int(l.tailAt))^l.tail))&l.mask == 0
}

// window lets a record be read eight bytes at a time without asking each time
// whether there are as many: up to limit there are. From there on it shows a copy
// of the record's end with zeros behind it. No literal and no value has those.
type window struct {
	p     unsafe.Pointer // where byte off of the record is
	off   int
	limit int
	tail  *[tailSize + reach]byte
}

const (
	// reach is how far beyond a field's beginning its step looks: a literal of
	// sixteen bytes, a number of mostDigits, a point, more digits.
	reach    = 64
	tailSize = 2 * reach
)

func newWindow(b []byte, tail *[tailSize + reach]byte) window {
	return window{p: unsafe.Pointer(unsafe.SliceData(b)), limit: len(b) - reach, tail: tail}
}

// moveOn goes over to the copy; false where i is beyond the record.
func (p *window) moveOn(b []byte, i int) bool {
	if i > len(b) {
		return false
	}
	if p.limit == len(b) {
		return true
	}
	p.off = max(len(b)-tailSize, 0)
	n := copy(p.tail[:], b[p.off:])
	clear(p.tail[n:])
	p.p, p.limit = unsafe.Pointer(p.tail), len(b)
	return true
}

// word returns the eight bytes at i.
func (p *window) word(i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p.p, i-p.off))[:])
}

func (p *window) byte(i int) byte { return *(*byte)(unsafe.Add(p.p, i-p.off)) }

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

// findQuote returns the index of the quote that ends a text; -1 where there is
// none.
func findQuote(b []byte, i int) int {
	for i < len(b) {
		hit := quoteOrSlash(load(b, i))
		if hit == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(hit) >> 3
		if i < len(b) && b[i] == '"' {
			return i
		}
		i += 2 // an escape
	}
	return -1
}

// plainText is findQuote for a text that is plain: ASCII, nothing escaped.
func plainText(b []byte, i int) int {
	for i < len(b) {
		if hit := notPlain(load(b, i)); hit != 0 {
			i += bits.TrailingZeros64(hit) >> 3
			if i < len(b) && b[i] == '"' {
				return i
			}
			return -1
		}
		i += 8
	}
	return -1
}

// number is the value of the first n digits of a word, 1 to 8 of them.
func number(w uint64, n int) uint64 {
	w = (w ^ ones*'0') << (64 - 8*uint(n))
	w = w*10 + w>>8
	const every = 0x000000ff000000ff
	return (w&every*(100+1_000_000<<32) + w>>16&every*(1+10_000<<32)) >> 32
}

// passDigits passes a number without an exponent, if it is one.
func passDigits(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	for {
		n := bits.TrailingZeros64(notDigits(load(b, i))) >> 3
		if i += n; n < 8 {
			if i < len(b) && b[i] == '.' {
				i++
				continue
			}
			return i
		}
	}
}

// integer reads a number that is written without point and exponent, and returns
// its width, -1 where there is none or it is too long. What follows it is not
// judged.
func integer(p window, i int) (v uint64, neg bool, width int) {
	start := i
	w := p.word(i)
	if byte(w) == '-' {
		neg = true
		i++
		w = p.word(i)
	}
	n := bits.TrailingZeros64(notDigits(w)) >> 3
	if n == 0 || byte(w) == '0' && n > 1 {
		return 0, false, -1
	}
	v = number(w, n)
	for digits := n; n == 8; {
		i += 8
		w = p.word(i)
		if n = bits.TrailingZeros64(notDigits(w)) >> 3; n == 0 {
			break
		}
		if digits += n; digits > mostDigits {
			return 0, false, -1
		}
		v = v*powers[n] + number(w, n)
	}
	return v, neg, i + n - start
}

// decimal reads a number without exponent that has at most scale digits after
// its point, in units of 10^-scale, and returns its width, as integer does.
func decimal(p window, i, scale int) (v uint64, neg bool, width int) {
	if v, neg, width = integer(p, i); width < 0 {
		return 0, false, -1
	}
	fraction, digits := 0, width
	if byte(p.word(i+width)) == '.' {
		w := p.word(i + width + 1)
		n := bits.TrailingZeros64(notDigits(w)) >> 3
		if n == 0 || n == 8 || n > scale {
			return 0, false, -1
		}
		fraction = n
		v = v*powers[n] + number(w, n)
		width += n + 1
	}
	if digits+scale > mostDigits {
		return 0, false, -1
	}
	return v * powers[scale-fraction], neg, width
}
