package codec

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"parallax/processors/row"
)

// jsonFormat is an object with the columns (see object), or a single column without an
// object.
var jsonFormat = format{value: reads(newJSONValue), key: reads(newJSONKey), writesValue: writes(newJSONWriter), writesKey: writes(newJSONKeyWriter)}

func newJSONValue(src *row.Source) reader {
	if src.Bare {
		return &bareJSON{src: src, what: "value", column: valueColumns(src)[0], object: newObject(src, false)}
	}
	return newObject(src, false)
}

// bareJSON reads a single column whose JSON is the whole text.
type bareJSON struct {
	src *row.Source
	// "value" or "key"
	what   string
	column int
	object *object // for conversions
}

func (j *bareJSON) read(_ context.Context, b []byte, t *row.Table) error {
	if !j.src.Needed[j.column] {
		return j.pass(b)
	}
	b = bytes.Trim(b, blanks)
	kind, ok := bareValue(b)
	err := convertError(b, t.Columns[j.column].Type)
	if ok {
		j.object.isKeyed = j.src.IsKeyed(j.column)
		err = j.object.convert(t.Columns[j.column], b, kind)
	}
	if err != nil {
		return fmt.Errorf("%s column %s: %w", j.what, j.src.Columns[j.column].Name, err)
	}
	return nil
}

// pass checks a value that no query needs.
func (j *bareJSON) pass(b []byte) error {
	s := scanner{b: b}
	_, err := s.value()
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return fmt.Errorf("the %s is not one JSON value", j.what)
	}
	return nil
}

// blanks are JSON's.
const blanks = " \t\r\n"

// jsonKey reads an object with the KEY columns, or a single column without an object.
type jsonKey struct {
	object *object
	// bare is nil if there are several columns. nested: the single column has a type that
	// is itself an object, so it is never wrapped.
	bare   *bareJSON
	nested bool
}

func newJSONKey(src *row.Source) reader {
	k := &jsonKey{object: newObject(src, true)}
	if columns := keyColumns(src); len(columns) == 1 {
		k.bare = &bareJSON{src: src, what: "key", column: columns[0], object: k.object}
		k.nested = src.Columns[columns[0]].Type.Kind.IsNested()
	}
	return k
}

func (k *jsonKey) read(ctx context.Context, key []byte, t *row.Table) error {
	key = bytes.Trim(key, blanks)
	switch {
	case len(key) > 0 && key[0] == '{' && !k.nested:
		return k.object.read(ctx, key, t)
	case k.bare == nil:
		return fmt.Errorf("the key is %w", errNoObject)
	}
	return k.bare.read(ctx, key, t)
}

// bareValue checks that text is one JSON value, and returns its kind. A scalar is checked
// when it is converted.
func bareValue(text []byte) (kind byte, ok bool) {
	if len(text) == 0 || strings.IndexByte(`"[{`, text[0]) < 0 {
		return 0, true
	}
	s := scanner{b: text}
	value, err := s.value()
	return value.kind, err == nil && s.end() == nil
}

// jsonWriter writes an object of named columns, or a single column without an object.
type jsonWriter struct {
	// names are the names of the columns; the zero name means that the column is omitted.
	names []name
	bare  bool
}

func newJSONWriter(s *row.Sink) writer {
	w := newJSONObject(s.Values, s.InValue)
	w.bare = s.Bare
	return w
}

func newJSONKeyWriter(s *row.Sink) writer {
	w := newJSONObject(s.Key, nil)
	w.bare = len(s.Key) == 1
	return w
}

// newJSONObject writes those columns that are in; nil: all are.
func newJSONObject(columns []row.Column, in []bool) *jsonWriter {
	w := &jsonWriter{}
	for i, c := range columns {
		var n name
		if in == nil || in[i] {
			n = newName(c.Name)
		}
		w.names = append(w.names, n)
	}
	return w
}

func (w *jsonWriter) columns(dst []byte, first int, values []row.Value) []byte {
	if w.bare {
		for i := range values {
			if w.names[first+i].text != "" {
				dst = row.AppendJSON(dst, values[i])
			}
		}
		return dst
	}
	return appendColumns(dst, w.names[first:], values)
}

func (w *jsonWriter) end(dst []byte, from int) []byte {
	if w.bare {
		return dst
	}
	return asObject(dst, from)
}
