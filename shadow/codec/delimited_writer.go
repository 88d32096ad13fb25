package codec

import (
	"strings"

	"parallax/processors/row"
)

// delimitedWriter writes a line of fields, without its end.
type delimitedWriter struct {
	delimiter string
	// out[i]: column i is omitted; nil: no column is.
	out []bool
	// inside: the delimiter may occur in a number or in base64.
	inside bool
	one    []byte // scratch
}

func newDelimited(delimiter string) *delimitedWriter {
	c := delimiter[0]
	return &delimitedWriter{
		delimiter: delimiter,
		inside:    c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte("+-./=", c) >= 0,
	}
}

func newDelimitedWriter(s *row.Sink) writer {
	w := newDelimited(s.Delimiter)
	for _, in := range s.InValue {
		w.out = append(w.out, !in)
	}
	return w
}

func newDelimitedKeyWriter(s *row.Sink) writer {
	return newDelimited(s.KeyDelimiter)
}

// columns appends a field and a delimiter for each column.
func (w *delimitedWriter) columns(dst []byte, first int, values []row.Value) []byte {
	for i, v := range values {
		if w.out == nil || !w.out[first+i] {
			dst = append(w.field(dst, v), w.delimiter...)
		}
	}
	return dst
}

// end removes the last delimiter.
func (w *delimitedWriter) end(dst []byte, from int) []byte {
	if len(dst) == from {
		return dst
	}
	return dst[:len(dst)-len(w.delimiter)]
}

// field appends a value: NULL as nothing, DATE and TIME as ISO 8601, because digits would
// be read as ISO 8601, and other values like JSON without quotes. It adds quotes if the
// field would be read differently without them.
func (w *delimitedWriter) field(dst []byte, v row.Value) []byte {
	switch v.Kind() {
	case row.Null:
		return dst
	case row.String:
		return w.text(dst, v.Str())
	case row.Date, row.Time:
		return w.text(dst, row.FormatISO(v))
	case row.Timestamp:
		if ms := v.Int64(); ms >= 10_000_000 && ms < 100_000_000 { // its digits look like a date
			return w.text(dst, row.FormatISO(v))
		}
	}
	from := len(dst)
	dst = row.AppendJSON(dst, v)
	if dst[from] == '"' { // BYTES, and a DOUBLE that is not finite
		dst = append(dst[:from], dst[from+1:len(dst)-1]...)
	}
	if w.inside || len(dst) == from {
		w.one = append(w.one[:0], dst[from:]...)
		return w.text(dst[:from], alias(w.one))
	}
	return dst
}

// text appends a text.
func (w *delimitedWriter) text(dst []byte, s string) []byte {
	if !w.wantsQuotes(s) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			break
		}
		dst = append(append(dst, s[:i]...), `""`...)
		s = s[i+1:]
	}
	return append(append(dst, s...), '"')
}

// wantsQuotes reports whether a text would be read differently without quotes, by this
// package or by readers that trim blanks around a field.
func (w *delimitedWriter) wantsQuotes(s string) bool {
	if s == "" || isBlank(s[0]) || isBlank(s[len(s)-1]) {
		return true
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c == w.delimiter[0]:
			if strings.HasPrefix(s[i:], w.delimiter) {
				return true
			}
		case c == '"' || c == '\n' || c == '\r':
			return true
		}
	}
	return false
}
