package records

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"parallax/diff"
	"parallax/processors/row"
)

// RawLine is an output record whose key and value are still JSON. They are valid during
// the visit.
type RawLine struct {
	// Number of the line, from 1.
	Number int
	Topic  string
	// Partition is 0 if the line has none.
	Partition int32
	// Key and Value are nil for null, and Key for a row without one.
	Key, Value []byte
	// HasWindow: the window is [WindowStart, WindowEnd), in ms.
	HasWindow              bool
	WindowStart, WindowEnd int64
	Timestamp              int64
}

// EachLine visits the output records of a file, one after the other, until visit returns an
// error, which it returns. It keeps no line. A line that is not an output record is an
// error that names it.
func EachLine(ctx context.Context, in io.Reader, name string, visit func(*RawLine) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	lines.Split(splitLines)
	for n := 1; lines.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		text := lines.Bytes()
		if n == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if text = row.TrimJSON(text); len(text) == 0 {
			continue
		}
		l, err := parseRaw(text)
		if err != nil {
			return fmt.Errorf("%s:%d: not an output record: %w", name, n, err)
		}
		l.Number = n
		if err := visit(&l); err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("%s: a line is longer than %d MiB", name, longestLine>>20)
	} else if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// checkJSON refuses text that is not one JSON value in valid UTF-8 and of a sensible size.
func checkJSON(text []byte) error {
	if err := checkText(text); err != nil {
		return err
	}
	if err := checkSize(text); err != nil {
		return err
	}
	return checkSyntax(text)
}

func parseRaw(text []byte) (l RawLine, err error) {
	if err := checkJSON(text); err != nil {
		return l, err
	}
	fields, err := parseObject(text)
	if err != nil {
		return l, err
	}
	var hasTopic, hasValue bool
	for _, f := range fields {
		switch f.name {
		case "topic":
			hasTopic = true
			l.Topic, err = parseString(f.value)
		case "partition":
			l.Partition, err = parsePartition(f.value)
		case "key":
			l.Key, err = rawObject(f.value)
		case "window":
			var w *window
			if w, err = parseWindow(f.value); err == nil {
				l.HasWindow, l.WindowStart, l.WindowEnd = true, w.start, w.end
			}
		case "value":
			hasValue = true
			l.Value, err = rawObject(f.value)
		case "timestamp":
			l.Timestamp, err = parseInteger(f.value, 64)
		case "cause":
			_, err = parseCause(f.value)
		case "raw":
			err = checkRaw(f.value)
		default:
			return l, fmt.Errorf("unknown field %q", row.Shorten(f.name))
		}
		if err != nil {
			return l, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	if !hasTopic || !hasValue {
		return l, errors.New("it needs topic and value")
	}
	return l, nil
}

// rawObject returns the text of an object, nil for null.
func rawObject(text []byte) ([]byte, error) {
	switch {
	case string(text) == "null":
		return nil, nil
	case text[0] != '{':
		return nil, fmt.Errorf("want a JSON object, not %s", shortened(text))
	}
	return text, nil
}

// ValueParser parses JSON values without a schema, one after the other. The zero value is
// ready.
type ValueParser struct{ reader valueReader }

// Parse returns a JSON value: an array as an ARRAY, an object as a MAP, a number in a form
// that all spellings of the number share. spelling is 0 if all numbers are written in that
// form, and otherwise a checksum of those that are not. A text that is not exactly one JSON value, is not UTF-8 or has a name
// twice is an error.
func (p *ValueParser) Parse(text []byte) (v row.Value, spelling uint32, err error) {
	text = row.TrimJSON(text)
	if len(text) == 0 {
		return v, 0, errors.New("it is empty")
	}
	if err := checkJSON(text); err != nil {
		return v, 0, err
	}
	p.reader.number = func(text string) row.Value {
		number, same := plainNumber(text)
		if !same {
			spelling += crc32.ChecksumIEEE([]byte(text)) | 1
		}
		return number
	}
	p.reader.text, p.reader.at = text, 0
	p.reader.values, p.reader.names = p.reader.values[:0], p.reader.names[:0]
	v, err = p.reader.value()
	return v, spelling, err
}

// plainNumber returns a number in a form that does not depend on how it is written: as
// digits if it has at most 38, otherwise with an exponent. same: it was written so.
func plainNumber(text string) (v row.Value, same bool) {
	if isPlainInteger(text) {
		return diff.JSONNumber(text), true
	}
	digits, isNegative := strings.CutPrefix(text, "-")
	plain := diff.PlainNumber(digits)
	if isNegative && plain != "0" {
		plain = "-" + plain
	}
	return diff.JSONNumber(plain), plain == text
}

func isPlainInteger(text string) bool {
	const most = 18
	if len(text) > most || text[0] == '0' && len(text) > 1 {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
