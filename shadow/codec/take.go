package codec

import (
	"encoding/binary"
	"math"
	"unsafe"

	"parallax/processors/row"
)

// Each of these loops reads values in the simplest form, and calls chunk.any for all
// others.

// mostFraction is the largest number of digits after the point in takeDecimals.
const mostFraction = 7

// most marks the last byte of a word, as an upper limit for a test.
const most = 1 << 63

// takeAny reads values of any form.
func takeAny(k *chunk, s *step) {
	for i := range k.cursors[:k.n] {
		if p := k.enter(i, s); p != nil {
			k.any(i, s)
		}
	}
}

// passTexts skips texts that no query needs.
func passTexts(k *chunk, s *step) {
	cursors := k.cursors[:k.n]
	for i := range cursors {
		c := &cursors[i]
		if c.at > c.limit {
			k.moveOn(i)
		}
		p := unsafe.Add(c.p, int(c.at))
		if !s.before.at(p) {
			c.misfit = true
			continue
		}
		p = unsafe.Add(p, s.before.n)
		n := 0
		if marks := notPlain(word(p)); marks != 0 {
			n = first(marks)
		} else {
			n = 8 + first(notPlain(word(unsafe.Add(p, 8)))|most)
		}
		c.at += int32(s.before.n + n)
		if byteAt(p, n) != '"' {
			c.at -= int32(n)
			k.longText(i, s)
		}
	}
}

// takeTexts reads texts for a STRING column.
func takeTexts(k *chunk, s *step) {
	cursors := k.cursors[:k.n]
	out := k.table.Columns[s.column].Strs(k.first)[:len(cursors)]
	for i := range cursors {
		c := &cursors[i]
		if c.at > c.limit {
			k.moveOn(i)
		}
		p := unsafe.Add(c.p, int(c.at))
		if !s.before.at(p) {
			c.misfit = true
			continue
		}
		p = unsafe.Add(p, s.before.n)
		n := 0
		if marks := notPlain(word(p)); marks != 0 {
			n = first(marks)
		} else {
			n = 8 + first(notPlain(word(unsafe.Add(p, 8)))|most)
		}
		from := int(c.at) + s.before.n
		c.at = int32(from + n)
		if byteAt(p, n) != '"' {
			c.at = int32(from)
			k.longText(i, s)
			continue
		}
		out[i] = unsafe.String((*byte)(unsafe.Add(c.base, from+int(c.off))), n)
	}
}

// longText reads a longer text, or one that is not plain.
func (k *chunk) longText(i int, s *step) {
	c := &k.cursors[i]
	if c.misfit {
		return
	}
	b := k.bytes(i)[c.off+c.at:]
	n := 0
	for n+8 <= len(b) && notPlain(binary.LittleEndian.Uint64(b[n:])) == 0 {
		n += 8
	}
	const blanks = ' ' * (ones - 1) // in all bytes but the first
	for n < len(b) && notPlain(uint64(b[n])|blanks) == 0 {
		n++
	}
	if n == len(b) || b[n] != '"' {
		k.any(i, s)
		return
	}
	if s.column >= 0 {
		k.table.Columns[s.column].Strs(k.first)[i] = alias(b[:n])
	}
	c.at += int32(n)
}

// passNumbers skips numbers that no query needs.
func passNumbers(k *chunk, s *step) {
	cursors := k.cursors[:k.n]
	for i := range cursors {
		c := &cursors[i]
		if c.at > c.limit {
			k.moveOn(i)
		}
		p := unsafe.Add(c.p, int(c.at))
		if !s.before.at(p) {
			c.misfit = true
			continue
		}
		p = unsafe.Add(p, s.before.n)
		n := 0
		if marks := notNumeric(word(p)); marks != 0 {
			n = first(marks)
		} else {
			n = 8 + first(notNumeric(word(unsafe.Add(p, 8)))|most)
		}
		c.at += int32(s.before.n + n)
		if n == 0 || byteAt(p, n) != s.after {
			c.at -= int32(n)
			k.any(i, s)
		}
	}
}

// takeIntegers reads numbers for an INT, BIGINT or TIMESTAMP column, up to seven digits at
// once.
func takeIntegers(k *chunk, s *step) {
	cursors := k.cursors[:k.n]
	out := k.table.Columns[s.column].Int64s(k.first)[:len(cursors)]
	for i := range cursors {
		c := &cursors[i]
		if c.at > c.limit {
			k.moveOn(i)
		}
		p := unsafe.Add(c.p, int(c.at))
		if !s.before.at(p) {
			c.misfit = true
			continue
		}
		c.at += int32(s.before.n)
		p = unsafe.Add(p, s.before.n)
		d := digits(word(p))
		n := first(notDigits(d) | most)
		if v := number(d, n); byteAt(p, n) == s.after && v >= least[n] && v < s.limit {
			out[i] = int64(v)
			c.at += int32(n)
		} else {
			k.integer(i, s)
		}
	}
}

// takeLongIntegers is takeIntegers for eight to fifteen digits. In times and sequence
// numbers the first eight usually equal those of the previous record.
func takeLongIntegers(k *chunk, s *step) {
	cursors := k.cursors[:k.n]
	out := k.table.Columns[s.column].Int64s(k.first)[:len(cursors)]
	before, front := ^uint64(0), uint64(0) // no digits at first
	for i := range cursors {
		c := &cursors[i]
		if c.at > c.limit {
			k.moveOn(i)
		}
		p := unsafe.Add(c.p, int(c.at))
		if !s.before.at(p) {
			c.misfit = true
			continue
		}
		c.at += int32(s.before.n)
		p = unsafe.Add(p, s.before.n)
		d := digits(word(p))
		if d != before {
			if notDigits(d) != 0 || byte(d) == 0 {
				k.integer(i, s)
				continue
			}
			before, front = d, number(d, 8)
		}
		d = digits(word(unsafe.Add(p, 8)))
		n := first(notDigits(d) | most)
		if v := front*powers[n] + number(d, n)&-min(uint64(n), 1); byteAt(p, 8+n) == s.after && v < s.limit {
			out[i] = int64(v)
			c.at += int32(8 + n)
		} else {
			k.integer(i, s)
		}
	}
}

// integer reads up to fifteen digits.
func (k *chunk) integer(i int, s *step) {
	c := &k.cursors[i]
	p := unsafe.Add(c.p, int(c.at))
	d := digits(word(p))
	n := first(notDigits(d))
	v := number(d, max(n, 1))
	if n == 8 {
		d = digits(word(unsafe.Add(p, 8)))
		if more := first(notDigits(d) | most); more > 0 {
			n += more
			v = v*powers[more] + number(d, more)
		}
	}
	if byteAt(p, n) != s.after || v < least[n] || v >= s.limit {
		k.any(i, s)
		return
	}
	k.table.Columns[s.column].Int64s(k.first)[i] = int64(v)
	c.at += int32(n)
}

// least is the smallest number with a given number of digits; without digits there is no
// number.
var least = func() (l [16]uint64) {
	l[0] = math.MaxUint64
	copy(l[2:], powers[1:])
	return l
}()

// takeDecimals reads numbers for a DECIMAL column.
func takeDecimals(k *chunk, s *step) {
	cursors := k.cursors[:k.n]
	out := k.table.Columns[s.column].Int64s(k.first)[:len(cursors)]
	for i := range cursors {
		c := &cursors[i]
		if c.at > c.limit {
			k.moveOn(i)
		}
		p := unsafe.Add(c.p, int(c.at))
		if !s.before.at(p) {
			c.misfit = true
			continue
		}
		c.at += int32(s.before.n)
		p = unsafe.Add(p, s.before.n)
		// The usual: up to eight bytes, with as many digits behind the point as the
		// column has. They move together over it.
		d := digits(word(p))
		marks := notDigits(d)
		whole := first(marks)
		n := whole + 1 + s.scale
		if n <= 8 && byteAt(p, whole) == '.' && byteAt(p, n) == s.after && whole > 0 {
			front := (marks ^ (marks - 1)) >> 8
			d = (d&front | d>>8&^front) << (8 * (9 - uint(n)) & 63)
			if v := number(d, 8); notDigits(d) == 0 && v < s.limit && (whole == 1 || byteAt(p, 0) != '0') {
				out[i] = int64(v)
				c.at += int32(n)
				continue
			}
		}
		k.fixedPoint(i, s)
	}
}

// takeDoubles reads numbers for a DOUBLE column.
func takeDoubles(k *chunk, s *step) {
	for i := range k.cursors[:k.n] {
		if p := k.enter(i, s); p != nil {
			k.fixedPoint(i, s)
		}
	}
}

// fixedPoint reads up to seven digits, and up to seven more after a point.
func (k *chunk) fixedPoint(i int, s *step) {
	c := &k.cursors[i]
	p := unsafe.Add(c.p, int(c.at))
	d := digits(word(p))
	n := first(notDigits(d) | most)
	if n == 0 || byte(d) == 0 && n > 1 {
		k.any(i, s)
		return
	}
	v, fraction := number(d, n), 0
	if byteAt(p, n) == '.' {
		d = digits(word(unsafe.Add(p, n+1)))
		if fraction = first(notDigits(d) | most); fraction == 0 {
			k.any(i, s)
			return
		}
		v = v*powers[fraction] + number(d, fraction)
		n += 1 + fraction
	}
	column := k.table.Columns[s.column]
	switch out := column.Int64s(k.first); {
	case byteAt(p, n) != s.after:
		k.any(i, s)
		return
	case column.Type.Kind == row.Double:
		// Both are whole and below 2^53: the quotient is the nearest DOUBLE.
		out[i] = int64(math.Float64bits(float64(v) / float64(powers[fraction])))
	case fraction > s.scale || v*powers[s.scale-fraction] >= s.limit:
		k.any(i, s)
		return
	default:
		out[i] = int64(v * powers[s.scale-fraction])
	}
	c.at += int32(n)
}
