package codec

import (
	"encoding/binary"
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
	// end is what stands after the last value.
	end literal
	// missing are the columns that these records do not have.
	missing []int
}

// step is one field: what stands before its value, and what is done with that.
type step struct {
	before literal
	action action
	// column is that of the table; limit is one more than the largest magnitude
	// that fits it, scale a DECIMAL's.
	column int
	scale  int
	limit  uint64
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
		s := step{column: m.column}
		if !s.choose(o.src, m, b) {
			return nil
		}
		start, end := m.value.from, m.value.to
		if m.value.kind == '"' {
			start, end = start+1, end-1
		}
		s.before = newLiteral(b[at:start])
		at = end
		l.steps = append(l.steps, s)
	}
	for _, column := range o.needed {
		if o.found[column].to == 0 {
			l.missing = append(l.missing, column)
		}
	}
	l.end = newLiteral(b[at:])
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
		s.action, s.scale, s.limit = takeDecimal, t.Scale, powers[min(t.Precision, mostDigits)]
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
	i := 0
	for k := range l.steps {
		s := &l.steps[k]
		if i = s.before.pass(b, i); i < 0 {
			return false
		}
		switch s.action {
		case passNumber:
			from := i
			if i = passDigits(b, i); i == from {
				return false
			}
		case passText:
			if i = findQuote(b, i); i < 0 {
				return false
			}
		case takeText:
			end := plainText(b, i)
			if end < 0 {
				return false
			}
			t.Columns[s.column].AppendStr(alias(b[i:end]))
			i = end
		case takeInteger:
			n, neg, end := integer(b, i)
			if end < 0 || n >= s.limit {
				return false
			}
			v := int64(n)
			if neg {
				v = -v
			}
			t.Columns[s.column].AppendInt64(v)
			i = end
		case takeDecimal:
			n, neg, end := decimal(b, i, s.scale)
			if end < 0 || n >= s.limit {
				return false
			}
			v := row.Int128{Lo: n}
			if neg {
				v = row.Int128Of(-int64(n))
			}
			t.Columns[s.column].AppendInt128(v)
			i = end
		default:
			if i = s.slowly(o, b, i, t); i < 0 {
				return false
			}
		}
	}
	if l.end.pass(b, i) != len(b) {
		return false
	}
	for _, column := range l.missing {
		t.Columns[column].AppendNull()
	}
	return true
}

// slowly does what is rarely done; -1 where it cannot.
func (s *step) slowly(o *object, b []byte, i int, t *row.Table) int {
	end := i
	switch s.action {
	case passNested:
		o.scan.b, o.scan.at = b, i
		if i == len(b) || b[i] != '{' && b[i] != '[' || o.scan.nested() != nil {
			return -1
		}
		return o.scan.at
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
	return end
}

// alias returns the text that bytes are, without copying them: they belong to
// the record, which its batch holds.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// literal is bytes that have to be there.
type literal struct {
	text string
	// head and tail are its first and last eight bytes, or, where it is shorter,
	// all of it twice; mask keeps as many bytes of the head.
	head, tail, mask uint64
}

func newLiteral(b []byte) literal {
	l := literal{text: string(b), mask: ^uint64(0)}
	if len(b) >= 8 {
		l.head, l.tail = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[len(b)-8:])
		return l
	}
	l.mask = 1<<(8*len(b)) - 1
	for i, c := range b {
		l.head |= uint64(c) << (8 * i)
	}
	return l
}

// pass returns the index after the literal at b[i]; -1 where it is not there.
func (l *literal) pass(b []byte, i int) int {
	n := len(l.text)
	end := i + n
	if i+8 > len(b) || n > 16 {
		if end <= len(b) && string(b[i:end]) == l.text {
			return end
		}
		return -1
	}
	if (binary.LittleEndian.Uint64(b[i:])^l.head)&l.mask != 0 {
		return -1
	}
	if n > 8 && (end > len(b) || binary.LittleEndian.Uint64(b[end-8:]) != l.tail) {
		return -1
	}
	return end
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

// findQuote returns the index of the quote that ends a text; -1 where there is
// none.
func findQuote(b []byte, i int) int {
	for i < len(b) {
		w := load(b, i)
		quote, slash := w^ones*'"', w^ones*'\\'
		hit := ((quote-ones)&^quote | (slash-ones)&^slash) & highs
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
		w := load(b, i)
		quote, slash := w^ones*'"', w^ones*'\\'
		if hit := ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w | w) & highs; hit != 0 {
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

// digits reads up to eight digits: their value, and how many there are.
func digits(w uint64) (value uint64, n int) {
	w ^= ones * '0'
	n = bits.TrailingZeros64((w&^highs+ones*(0x80-10)|w)&highs) >> 3
	if n == 0 {
		return 0, 0
	}
	w <<= 64 - 8*uint(n)
	w = w*10 + w>>8
	const every = 0x000000ff000000ff
	return (w&every*(100+1_000_000<<32) + w>>16&every*(1+10_000<<32)) >> 32, n
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

func notDigits(w uint64) uint64 {
	w ^= ones * '0'
	return (w&^highs + ones*(0x80-10) | w) & highs
}

// run reads a run of digits: at most mostDigits of them, else end is -1.
func run(b []byte, i int) (value uint64, end int) {
	value, n := digits(load(b, i))
	end = i + n
	for n == 8 {
		var more uint64
		more, n = digits(load(b, end))
		if end += n; end-i > mostDigits {
			return 0, -1
		}
		value = value*powers[n] + more
	}
	return value, end
}

// integer reads a number that is written without point and exponent. What
// follows it is not judged.
func integer(b []byte, i int) (n uint64, neg bool, end int) {
	if i < len(b) && b[i] == '-' {
		neg = true
		i++
	}
	if n, end = run(b, i); end == i || end > i+1 && b[i] == '0' {
		return 0, false, -1
	}
	return n, neg, end
}

// decimal reads a number without exponent that has at most scale digits after
// its point, in units of 10^-scale.
func decimal(b []byte, i, scale int) (n uint64, neg bool, end int) {
	if n, neg, end = integer(b, i); end < 0 {
		return 0, false, -1
	}
	start := i
	fraction := 0
	if end < len(b) && b[end] == '.' {
		point := end
		var f uint64
		if f, end = run(b, point+1); end < 0 || end == point+1 || end-point-1 > scale {
			return 0, false, -1
		}
		fraction = end - point - 1
		n = n*powers[fraction] + f
	}
	if end-start+scale-fraction > mostDigits {
		return 0, false, -1
	}
	return n * powers[scale-fraction], neg, end
}
