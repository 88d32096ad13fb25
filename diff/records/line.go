package records

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"parallax/diff"
	"parallax/processors/row"
)

// line is one output record. No field has a default: the optional ones are pointers or
// slices, nil if they are absent.
type line struct {
	topic     string
	hasKey    bool // it has the field
	key       *columns
	window    *window
	value     *columns // nil: a deletion
	timestamp *int64
	cause     *diff.Cause
}

// columns are the fields of a key or a value.
type columns struct {
	names  []string
	values []row.Value
}

type window struct{ start, end int64 }

// parseLine reads a line. An error says what is wrong in it.
func parseLine(text []byte, values *valueReader) (line, error) {
	if err := checkText(text); err != nil {
		return line{}, err
	}
	if err := checkSize(text); err != nil {
		return line{}, err
	}
	if err := checkSyntax(text); err != nil {
		return line{}, err
	}
	fields, err := parseObject(text)
	if err != nil {
		return line{}, err
	}
	var l line
	var hasTopic, hasValue bool
	for _, f := range fields {
		switch f.name {
		case "topic":
			hasTopic = true
			l.topic, err = parseString(f.value)
		case "partition":
			_, err = parsePartition(f.value)
		case "key":
			l.hasKey = true
			l.key, err = parseKey(f.value, values)
		case "window":
			l.window, err = parseWindow(f.value)
		case "value":
			hasValue = true
			l.value, err = values.columns(f.value)
		case "timestamp":
			var n int64
			n, err = parseInteger(f.value, 64)
			l.timestamp = &n
		case "cause":
			l.cause, err = parseCause(f.value)
		case "raw":
			err = checkRaw(f.value)
		default:
			return line{}, fmt.Errorf("unknown field %q", row.Shorten(f.name))
		}
		if err != nil {
			return line{}, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	if !hasTopic || !hasValue {
		return line{}, errors.New("it needs topic and value")
	}
	return l, nil
}

func parsePartition(value json.RawMessage) (int32, error) {
	n, err := parseInteger(value, 32)
	if err == nil && n < 0 {
		err = fmt.Errorf("%d is less than 0", n)
	}
	return int32(n), err
}

// parseKey reads an object of key columns; nil for a row without a key.
func parseKey(value json.RawMessage, values *valueReader) (*columns, error) {
	key, err := values.columns(value)
	if err == nil && key != nil && len(key.names) == 0 {
		err = errors.New("it has no columns; the key of a row without one is null")
	}
	return key, err
}

func parseWindow(value json.RawMessage) (*window, error) {
	fields, err := exactly(value, "start", "end")
	if err != nil {
		return nil, err
	}
	var w window
	if w.start, err = parseInteger(fields["start"], 64); err != nil {
		return nil, fmt.Errorf("start: %w", err)
	}
	if w.end, err = parseInteger(fields["end"], 64); err != nil {
		return nil, fmt.Errorf("end: %w", err)
	}
	if w.end < w.start {
		return nil, fmt.Errorf("it ends at %d, before its start %d", w.end, w.start)
	}
	return &w, nil
}

// parseCause reads the position of an input record; nil for null.
func parseCause(value json.RawMessage) (*diff.Cause, error) {
	if string(value) == "null" {
		return nil, nil
	}
	fields, err := exactly(value, "topic", "partition", "offset")
	if err != nil {
		return nil, err
	}
	var c diff.Cause
	if c.Topic, err = parseString(fields["topic"]); err != nil {
		return nil, fmt.Errorf("topic: %w", err)
	}
	if c.Partition, err = parsePartition(fields["partition"]); err != nil {
		return nil, fmt.Errorf("partition: %w", err)
	}
	if c.Offset, err = parseInteger(fields["offset"], 64); err == nil && c.Offset < 0 {
		err = fmt.Errorf("%d is less than 0", c.Offset)
	}
	if err != nil {
		return nil, fmt.Errorf("offset: %w", err)
	}
	return &c, nil
}

// checkRaw checks the bytes of key and value, which only E0 compares.
func checkRaw(value json.RawMessage) error {
	fields, err := exactly(value, "key", "value")
	if err != nil {
		return err
	}
	for name, text := range fields {
		if string(text) == "null" {
			continue
		}
		s, err := parseString(text)
		if err == nil {
			_, err = base64.StdEncoding.DecodeString(s)
		}
		if err != nil {
			return fmt.Errorf("%s: want base64 text or null", name)
		}
	}
	return nil
}

// exactly reads an object that has exactly these fields.
func exactly(value json.RawMessage, names ...string) (map[string]json.RawMessage, error) {
	list, err := parseObject(value)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	for _, f := range list {
		fields[f.name] = f.value
	}
	for _, name := range names {
		if fields[name] == nil || len(fields) != len(names) {
			return nil, fmt.Errorf("want an object of %s", strings.Join(names, ", "))
		}
	}
	return fields, nil
}
