package ingest

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"parallax/processors/numeric"
	"parallax/processors/row"
)

// lineReader reads one line of "records in".
type lineReader struct {
	sources []*row.Source
	byTopic map[string]int
}

// line has the fields of a line. Pointers distinguish absent fields from zero values.
type line struct {
	Topic     *string         `json:"topic"`
	Partition int32           `json:"partition"`
	Offset    *int64          `json:"offset"`
	Timestamp int64           `json:"timestamp"`
	Key       json.RawMessage `json:"key"`
	Value     json.RawMessage `json:"value"`
	Headers   json.RawMessage `json:"headers"`
}

// read returns the record, its Offset -1 where the line has none; it keeps
// nothing of text. skip is set for a blank line.
func (l lineReader) read(text []byte, values bool) (rec row.Record, source int, skip bool, err error) {
	text = bytes.TrimRight(text, "\r\n")
	if values {
		return row.Record{TopicPartition: row.TopicPartition{Topic: l.sources[0].Topic}, Offset: -1, Value: bytes.Clone(text)}, 0, false, nil
	}
	if len(row.TrimJSON(text)) == 0 {
		return rec, 0, true, nil
	}
	var in line
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return rec, 0, false, noRecord(text, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return rec, 0, false, errors.New("not a record: something follows the object")
	}
	if source, err = l.source(in.Topic); err != nil {
		return rec, 0, false, err
	}
	s := l.sources[source]
	rec = row.Record{TopicPartition: row.TopicPartition{Topic: s.Topic, Partition: in.Partition}, Offset: -1, Timestamp: in.Timestamp}
	if in.Offset != nil {
		if rec.Offset = *in.Offset; rec.Offset < 0 {
			return rec, 0, false, fmt.Errorf("offset %d must not be negative", rec.Offset)
		}
	}
	if in.Partition < 0 {
		return rec, 0, false, fmt.Errorf("partition %d must not be negative", in.Partition)
	}
	if rec.Key, err = formatted(s, true, in.Key); err != nil {
		return rec, 0, false, fmt.Errorf("key: %w", err)
	}
	if in.Value == nil {
		return rec, 0, false, errors.New("not a record: it has no value (null for a deletion)")
	}
	if rec.Value, err = formatted(s, false, in.Value); err != nil {
		return rec, 0, false, fmt.Errorf("value: %w", err)
	}
	if rec.Headers, err = headers(in.Headers); err != nil {
		return rec, 0, false, fmt.Errorf("headers: %w", err)
	}
	return rec, source, false, nil
}

// noRecord says what is wrong with a line, without the words of Go's parser.
func noRecord(text []byte, err error) error {
	var wrong *json.UnmarshalTypeError
	unknown, isUnknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case isUnknown:
		return fmt.Errorf("not a record: unknown field %s", unknown)
	case !errors.As(err, &wrong):
		return fmt.Errorf("not a record: %w", row.JSONError(text, err))
	case wrong.Field == "":
		return fmt.Errorf("not a record: want an object, not %s", article(wrong.Value))
	}
	return fmt.Errorf("not a record: %s must be %s, not %s", wrong.Field, fieldTypes[wrong.Field], article(wrong.Value))
}

// fieldTypes are the types of the fields of a line.
var fieldTypes = map[string]string{
	"topic": "a string", "partition": "a whole number of up to 32 bits", "offset": "a whole number of up to 64 bits", "timestamp": "a whole number of up to 64 bits",
}

// article names a kind of JSON value, or "number 1.5", as Go's parser calls it.
func article(value string) string {
	if digits, ok := strings.CutPrefix(value, "number "); ok {
		return digits
	}
	switch value {
	case "array", "object":
		return "an " + value
	case "bool":
		return "a boolean"
	}
	return "a " + value
}

// source finds the source of a topic, which can be left out where there is one.
func (l lineReader) source(topic *string) (int, error) {
	if topic == nil {
		if len(l.sources) == 1 {
			return 0, nil
		}
		return 0, fmt.Errorf("not a record: it has no topic, and the script reads %d sources", len(l.sources))
	}
	if i, ok := l.byTopic[*topic]; ok {
		return i, nil
	}
	var topics []string
	for t := range l.byTopic {
		topics = append(topics, t)
	}
	slices.Sort(topics)
	return 0, fmt.Errorf("no source reads topic %q (topics read: %s)", row.Shorten(*topic), strings.Join(topics, ", "))
}

// escapedBytes reads {"$bytes":"base64"}.
func escapedBytes(text json.RawMessage) (b []byte, ok bool, err error) {
	if !bytes.Contains(text, []byte(`"$bytes"`)) {
		return nil, false, nil
	}
	var wrapped map[string]json.RawMessage
	if json.Unmarshal(text, &wrapped) != nil || len(wrapped) != 1 || wrapped["$bytes"] == nil {
		return nil, false, nil
	}
	var encoded string
	if err := json.Unmarshal(wrapped["$bytes"], &encoded); err != nil {
		return nil, false, errors.New("$bytes must be base64 text")
	}
	b, err = base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, false, errors.New("$bytes: not base64 with padding")
	}
	return b, true, nil
}

// formatted returns the bytes that Kafka would have as a record's key or value: nil for null, the
// bytes of {"$bytes":"base64"}, and for KAFKA the bytes of its one column. Otherwise it returns the
// contents of a text; for the format JSON, and for anything else, the JSON itself, so that 1.10
// stays 1.10.
func formatted(s *row.Source, key bool, text json.RawMessage) ([]byte, error) {
	if text == nil || string(text) == "null" {
		return nil, nil
	}
	if b, ok, err := escapedBytes(text); ok || err != nil {
		return b, err
	}
	format, kind := s.Format, row.String
	if key {
		format = s.KeyFormat
	}
	switch {
	case format == row.FormatKafka:
		for i, c := range s.Columns {
			if key && s.Key[i] || !key && s.InValue(i) {
				kind = c.Type.Kind
			}
		}
	case format == row.FormatJSON, text[0] != '"':
		return text, nil
	}
	plain := string(text)
	if text[0] == '"' {
		if err := json.Unmarshal(text, &plain); err != nil {
			return nil, row.JSONError(text, err)
		}
	}
	return primitive(kind, plain)
}

// primitive writes a column as Kafka's own serialisers do.
func primitive(kind row.Kind, text string) ([]byte, error) {
	switch kind {
	case row.Int:
		if n, ok := numeric.ParseWhole(text); ok && n == int64(int32(n)) {
			return binary.BigEndian.AppendUint32(nil, uint32(n)), nil
		}
	case row.Bigint:
		if n, ok := numeric.ParseWhole(text); ok {
			return binary.BigEndian.AppendUint64(nil, uint64(n)), nil
		}
	case row.Double:
		if f, ok := numeric.ParseDouble(text); ok {
			return binary.BigEndian.AppendUint64(nil, math.Float64bits(f)), nil
		}
	default:
		return []byte(text), nil
	}
	return nil, fmt.Errorf("%q is not a valid %s", row.Shorten(text), kind)
}

// headers reads the object of headers in its order; a name may come twice.
func headers(text json.RawMessage) ([]row.Header, error) {
	if text == nil || string(text) == "null" {
		return nil, nil
	}
	if text[0] != '{' {
		return nil, errors.New("not an object")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return nil, row.JSONError(text, err)
	}
	var out []row.Header
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, row.JSONError(text, err)
		}
		name, _ := token.(string) // in an object every second token is a name
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, row.JSONError(text, err)
		}
		b, ok, err := escapedBytes(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if !ok && string(value) != "null" {
			var plain string
			if json.Unmarshal(value, &plain) != nil {
				return nil, fmt.Errorf("%s: must be text or {\"$bytes\":\"base64\"}", name)
			}
			b = []byte(plain)
		}
		out = append(out, row.Header{Key: name, Value: b})
	}
	return out, nil
}
