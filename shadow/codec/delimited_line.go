package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// line reads the fields of a line. An empty line has one empty field.
type line struct {
	delimiter string
	b         []byte
	at        int
	// ended: the last field has been read; err: the line is invalid.
	ended bool
	err   error
}

// The errors in the structure of a line.
var (
	errOpenQuote  = errors.New("a field's quote is not closed")
	errAfterQuote = errors.New("a field's closing quote is not followed by the delimiter")
	errNextLine   = errors.New("it has more than one line")
)

// field is one field of a line.
type field struct {
	// text is the field's text, with doubled quotes still doubled.
	text []byte
	// quoted: the field is quoted; doubled: it contains doubled quotes; ascii: it contains
	// only ASCII.
	quoted, doubled, ascii bool
}

// begin starts a line, with or without its line end.
func (l *line) begin(b []byte) {
	b = bytes.TrimSuffix(b, []byte("\n"))
	b = bytes.TrimSuffix(b, []byte("\r"))
	l.b, l.at, l.ended, l.err = b, 0, false, nil
}

// next reads the next field; it returns false if there is none or on an error.
func (l *line) next(f *field) bool {
	if l.ended || l.err != nil {
		return false
	}
	if l.at < len(l.b) && l.b[l.at] == '"' {
		return l.quoted(f)
	}
	return l.plain(f)
}

// plain reads a field without quotes, up to the delimiter or the end. Quotes inside it are
// plain characters.
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

// first8 counts the leading bytes of a word that belong to a field: those before the
// delimiter's first byte, a control character, or a byte that is not ASCII.
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
