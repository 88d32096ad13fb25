package records

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"parallax/diff"
	"parallax/processors/row"
)

// Limits of a line. SQL types nest at most 200 deep. A line of 64 MiB could hold 32 million
// values, each of which takes many times the memory of its text.
const (
	mostNesting = 256
	mostValues  = 4 << 20
)

// checkSize refuses JSON that is nested too deeply, or has too many values. It only counts
// brackets and commas, so the text need not be valid JSON.
func checkSize(text []byte) error {
	depth, values := 0, 1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			if depth++; depth > mostNesting {
				return fmt.Errorf("it is nested more than %d deep", mostNesting)
			}
		case '}', ']':
			depth--
		case ',':
			if values++; values > mostValues {
				return fmt.Errorf("it has more than %d values", mostValues)
			}
		}
	}
	return nil
}

// valueReader reads JSON values that checkSize and checkSyntax have accepted, in one pass
// over the text. It can be reused for another text.
type valueReader struct {
	text []byte
	at   int
	// values and names belong to the arrays and objects being read, the innermost one last.
	// Their memory is reused.
	values []row.Value
	names  []string
	// number makes the value of a number's text; nil is diff.JSONNumber.
	number func(text string) row.Value
}

// columns reads an object of columns; nil for null.
func (r *valueReader) columns(text json.RawMessage) (*columns, error) {
	if string(text) == "null" {
		return nil, nil
	}
	if text[0] != '{' {
		return nil, fmt.Errorf("want a JSON object, not %s", shortened(text))
	}
	r.text, r.at = text, 0
	r.values, r.names = r.values[:0], r.names[:0]
	names, values, err := r.object()
	if err != nil {
		return nil, err
	}
	return &columns{names, values}, nil
}

// value reads the value at r.at with its type. A number keeps its spelling
// (diff.JSONNumber), an array is an ARRAY, an object a MAP.
func (r *valueReader) value() (row.Value, error) {
	switch r.text[r.at] {
	case '[':
		elements, err := r.array()
		return row.NewArray(elements), err
	case '{':
		names, values, err := r.object()
		if err != nil {
			return row.Value{}, err
		}
		return row.NewMap(names, values), nil
	}
	from := r.at
	r.at = valueEnd(r.text, from)
	raw := r.text[from:r.at]
	switch raw[0] {
	case 'n':
		return row.Value{}, nil
	case 't', 'f':
		return row.NewBoolean(raw[0] == 't'), nil
	case '"':
		s, err := parseString(raw)
		return row.NewString(s), err
	}
	if r.number != nil {
		return r.number(string(raw)), nil
	}
	return diff.JSONNumber(string(raw)), nil
}

// array reads the elements of the array at r.at.
func (r *valueReader) array() ([]row.Value, error) {
	first := len(r.values)
	for r.at = skipSpace(r.text, r.at+1); r.text[r.at] != ']'; r.at = skipComma(r.text, r.at) {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		r.values = append(r.values, v)
	}
	r.at++
	elements := slices.Clone(r.values[first:])
	r.values = r.values[:first]
	return elements, nil
}

// object reads the fields of the object at r.at. It refuses a name that occurs twice.
func (r *valueReader) object() ([]string, []row.Value, error) {
	firstValue, firstName := len(r.values), len(r.names)
	var seen names
	for r.at = skipSpace(r.text, r.at+1); r.text[r.at] != '}'; r.at = skipComma(r.text, r.at) {
		end := valueEnd(r.text, r.at)
		name, err := parseString(r.text[r.at:end])
		if err != nil {
			return nil, nil, err
		}
		if !seen.add(name) {
			return nil, nil, fmt.Errorf("field %q occurs twice", row.Shorten(name))
		}
		r.at = skipSpace(r.text, skipSpace(r.text, end)+1) // over the colon
		v, err := r.value()
		if err != nil {
			return nil, nil, inField(name, err)
		}
		r.names, r.values = append(r.names, name), append(r.values, v)
	}
	r.at++
	names, values := slices.Clone(r.names[firstName:]), slices.Clone(r.values[firstValue:])
	r.names, r.values = r.names[:firstName], r.values[:firstValue]
	return names, values, nil
}

// fieldError is an error in a field of an object, with the path of names to it.
type fieldError struct {
	path  []string // the innermost name first
	cause error
}

// pathNames is how many names of a path an error shows.
const pathNames = 8

func (e *fieldError) Error() string {
	text := ""
	for i := range min(len(e.path), pathNames) {
		text += row.Shorten(e.path[len(e.path)-1-i]) + ": "
	}
	if len(e.path) > pathNames {
		text += "...: "
	}
	return text + e.cause.Error()
}

func (e *fieldError) Unwrap() error { return e.cause }

// inField adds the field's name to an error.
func inField(name string, err error) error {
	if inner, ok := errors.AsType[*fieldError](err); ok {
		inner.path = append(inner.path, name)
		return inner
	}
	return &fieldError{[]string{name}, err}
}
