package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// line is a line of fields that is being read. An empty line is one empty field.
type line struct {
	delimiter string
	b         []byte
	at        int
	// ended says that its last field has been read; err, that it is no line.
	ended bool
	err   error
}

// What is wrong with a line.
var (
	errOpenQuote  = errors.New("a field's quote is not closed")
	errAfterQuote = errors.New("a field's closing quote is not followed by the delimiter")
	errNextLine   = errors.New("it has more than one line")
)

// field is one field of a line.
type field struct {
	// text is what it says, but for doubled quotes.
	text []byte
	// quoted says that it is in quotes, doubled that there are quotes in it, ascii
	// that there is nothing but ASCII.
	quoted, doubled, ascii bool
}

// begin begins with a line, whose end it may have or not.
func (l *line) begin(b []byte) {
	b = bytes.TrimSuffix(b, []byte("\n"))
	b = bytes.TrimSuffix(b, []byte("\r"))
	l.b, l.at, l.ended, l.err = b, 0, false, nil
}

// next reads the next field; false where there is none, or err.
func (l *line) next(f *field) bool {
	if l.ended || l.err != nil {
		return false
	}
	if l.at < len(l.b) && l.b[l.at] == '"' {
		return l.quoted(f)
	}
	return l.plain(f)
}

// plain reads a field that does not begin with a quote: up to the delimiter or the
// end. Quotes in it stand for themselves.
func (l *line) plain(f *field) bool {
	from, i, b := l.at, l.at, l.b
	first := l.delimiter[0]
	f.quoted, f.doubled, f.ascii = false, false, true
	for i < len(b) {
		if i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			if n := first8(w, first); n > 0 {
				i += n
				continue
			}
		}
		switch c := b[i]; {
		case c == first && l.delimits(i):
			f.text = b[from:i]
			l.at = i + len(l.delimiter)
			return true
		case c == '\n' || c == '\r':
			l.err = errNextLine
			return false
		case c >= 0x80:
			f.ascii = false
		}
		i++
	}
	f.text = b[from:]
	l.at, l.ended = len(b), true
	return true
}

// first8 is how many of a word's first bytes are of a field: before one that is
// the delimiter's first, a control character, or no ASCII.
func first8(w uint64, delimiter byte) int {
	d := w ^ ones*uint64(delimiter)
	return first((d-ones)&^d&highs | (w-ones*' ')&^w&highs | w&highs)
}

// delimits reports whether the delimiter is at i; its first byte is.
func (l *line) delimits(i int) bool {
	return len(l.delimiter) == 1 || len(l.b)-i >= len(l.delimiter) && string(l.b[i:i+len(l.delimiter)]) == l.delimiter
}

// quoted reads a field in quotes, in which there may be anything.
func (l *line) quoted(f *field) bool {
	f.quoted, f.doubled, f.ascii = true, false, true
	b, from := l.b, l.at+1
	for i := from; i < len(b); i++ {
		switch c := b[i]; {
		case c >= 0x80:
			f.ascii = false
		case c != '"':
		case i+1 < len(b) && b[i+1] == '"':
			f.doubled = true
			i++
		default:
			f.text = b[from:i]
			return l.afterQuote(i + 1)
		}
	}
	l.err = errOpenQuote
	return false
}

// afterQuote wants the delimiter or the end behind a closing quote.
func (l *line) afterQuote(i int) bool {
	switch {
	case i == len(l.b):
		l.at, l.ended = i, true
	case l.b[i] == l.delimiter[0] && l.delimits(i):
		l.at = i + len(l.delimiter)
	case l.b[i] == '\n' || l.b[i] == '\r':
		l.err = errNextLine
	default:
		l.err = errAfterQuote
	}
	return l.err == nil
}
