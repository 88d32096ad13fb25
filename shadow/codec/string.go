package codec

import (
	"context"
	"errors"
	"fmt"

	"parallax/processors/row"
)

// stringFormat is text: a single column unchanged, several as a|b, with a backslash before
// each backslash or bar in a text.
var stringFormat = format{key: reads(newStringKey), writesKey: writes(newStringWriter)}

// stringKey reads the KEY columns of a source.
type stringKey struct {
	src *row.Source
	// columns are all KEY columns, needed or not: each has its part.
	columns []int
	parts   []keyPart // scratch
}

func newStringKey(src *row.Source) reader {
	return &stringKey{src: src, columns: keyColumns(src)}
}

func (k *stringKey) read(_ context.Context, key []byte, t *row.Table) error {
	if len(k.columns) > 1 {
		return k.readParts(key, t)
	}
	i := k.columns[0]
	if err := textKey(t.Columns[i], key, true); err != nil {
		return fmt.Errorf("key column %s: %w", k.src.Columns[i].Name, err)
	}
	return nil
}

// keyPart is one unescaped part of a|b.
type keyPart struct {
	text   []byte
	isNull bool
}

// readParts reads a key of several parts.
func (k *stringKey) readParts(key []byte, t *row.Table) error {
	var err error
	if k.parts, err = splitParts(k.parts[:0], key); err != nil {
		return fmt.Errorf("the key has %w", err)
	}
	if len(k.parts) != len(k.columns) {
		return fmt.Errorf("the key has %d parts, and the source %d key columns", len(k.parts), len(k.columns))
	}
	for n, i := range k.columns {
		switch p := k.parts[n]; {
		case !k.src.Needed[i]:
		case p.isNull:
			t.Columns[i].AppendNull()
		default:
			if err := textKey(t.Columns[i], p.text, true); err != nil {
				return fmt.Errorf("key column %s: %w", k.src.Columns[i].Name, err)
			}
		}
	}
	return nil
}

var errKeyEscape = errors.New(`a backslash that is not followed by \, | or a lone N`)

// splitParts is the inverse of appendParts.
func splitParts(parts []keyPart, key []byte) ([]keyPart, error) {
	text := make([]byte, 0, len(key)) // all parts share it
	from := 0
	end := func(isNull bool) {
		parts = append(parts, keyPart{text[from:len(text):len(text)], isNull})
		from = len(text)
	}
	isNull := false
	for i := 0; i < len(key); i++ {
		switch c := key[i]; {
		case c == '|':
			end(isNull)
			isNull = false
		case isNull:
			return parts, errKeyEscape // something follows \N
		case c != '\\':
			text = append(text, c)
		case i+1 < len(key) && (key[i+1] == '\\' || key[i+1] == '|'):
			i++
			text = append(text, key[i])
		case i+1 < len(key) && key[i+1] == 'N' && len(text) == from:
			i++
			isNull = true
		default:
			return parts, errKeyEscape
		}
	}
	end(isNull)
	return parts, nil
}

// stringWriter writes keys.
type stringWriter struct{ sink *row.Sink }

func newStringWriter(s *row.Sink) writer { return stringWriter{s} }

func (w stringWriter) columns(dst []byte, _ int, key []row.Value) []byte {
	if len(w.sink.Key) == 1 {
		return appendSingle(dst, key[0], false)
	}
	return appendParts(dst, key)
}

func (stringWriter) end(dst []byte, _ int) []byte { return dst }

// appendParts writes a|b; backslashes and bars in the text are escaped.
func appendParts(dst []byte, key []row.Value) []byte {
	for i, v := range key {
		if i > 0 {
			dst = append(dst, '|')
		}
		switch v.Kind() {
		case row.Null:
			dst = append(dst, nullKey...)
		case row.String:
			for j := range len(v.Str()) {
				if c := v.Str()[j]; c == '\\' || c == '|' {
					dst = append(dst, '\\')
				}
				dst = append(dst, v.Str()[j])
			}
		default:
			dst = row.AppendJSON(dst, v)
		}
	}
	return dst
}
