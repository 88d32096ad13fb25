package codec

import (
	"context"
	"encoding/base64"
	"strconv"

	"parallax/processors/row"
)

// Lines writes the changes of a plan's sinks as JSON lines, "records out".
type Lines struct {
	sinks    []*row.Sink
	encoders []*Encoder
	// keys and values write JSON objects, independent of the sinks' formats.
	keys, values []*jsonWriter
	// Raw adds the bytes that Kafka would get.
	Raw bool
	// partitions of each sink.
	partitions []int32
	key        []byte
}

// NewLines returns a writer for sinks by query. ctx is for the constructors of the sinks'
// encoders.
func NewLines(ctx context.Context, sinks []*row.Sink) (*Lines, error) {
	encoders, err := NewEncoders(ctx, sinks)
	if err != nil {
		return nil, err
	}
	l := &Lines{sinks: sinks, encoders: encoders}
	for _, s := range sinks {
		l.keys, l.values = append(l.keys, newJSONObject(s.Key, nil)), append(l.values, newJSONObject(s.Values, s.InValue))
		l.partitions = append(l.partitions, int32(max(s.Partitions, 1)))
	}
	return l, nil
}

// Refused returns an error if a change cannot become a record (see Encoder.Timestamp).
func (l *Lines) Refused(c *row.Change) error {
	_, err := l.encoders[c.Query].Timestamp(c)
	return err
}

// Append appends the line of a change without a line end. If the change is Refused, the
// timestamp is the row's.
func (l *Lines) Append(dst []byte, b *row.Batch, c *row.Change) []byte {
	s, e := l.sinks[c.Query], l.encoders[c.Query]
	var cause *row.Record
	if c.Cause >= 0 {
		cause = b.Record(int(c.Cause))
	}
	rest := 0
	if l.key = l.key[:0]; e.HasKey() {
		l.key, rest = e.AppendKey(l.key, c)
	}
	dst = append(dst, `{"topic":`...)
	dst = row.AppendJSONString(dst, s.Topic)
	dst = append(dst, `,"partition":`...)
	dst = strconv.AppendInt(dst, int64(e.Partition(l.key[:rest], cause, l.partitions[c.Query])), 10)
	dst = append(dst, `,"key":`...)
	if len(s.Key) == 0 {
		dst = append(dst, "null"...)
	} else {
		from := len(dst)
		dst = l.keys[c.Query].end(l.keys[c.Query].columns(dst, 0, c.Key), from)
	}
	if s.Windowed {
		dst = append(dst, `,"window":{"start":`...)
		dst = strconv.AppendInt(dst, c.WindowStart, 10)
		dst = append(dst, `,"end":`...)
		dst = strconv.AppendInt(dst, c.WindowEnd, 10)
		dst = append(dst, '}')
	}
	dst = append(dst, `,"value":`...)
	switch {
	case c.Deleted():
		dst = append(dst, "null"...)
	case s.Format == row.FormatJSON && !s.Bare:
		dst = e.AppendValue(dst, c)
	default:
		from := len(dst)
		dst = l.values[c.Query].end(l.values[c.Query].columns(dst, 0, c.Values), from)
	}
	dst = append(dst, `,"timestamp":`...)
	at, err := e.Timestamp(c)
	if err != nil {
		at = c.Timestamp
	}
	dst = strconv.AppendInt(dst, at, 10)
	dst = append(dst, `,"cause":`...)
	if cause == nil {
		dst = append(dst, "null"...)
	} else {
		dst = appendPlace(append(dst, '{'), cause)
		dst = append(dst, '}')
	}
	if l.Raw {
		dst = l.appendRaw(dst, e, c)
	}
	return append(dst, '}')
}

func (l *Lines) appendRaw(dst []byte, e *Encoder, c *row.Change) []byte {
	dst = append(dst, `,"raw":{"key":`...)
	if e.HasKey() {
		dst = appendBase64(dst, l.key)
	} else {
		dst = append(dst, "null"...)
	}
	dst = append(dst, `,"value":`...)
	if e.HasValue(c) {
		dst = appendBase64(dst, e.AppendValue(nil, c))
	} else {
		dst = append(dst, "null"...)
	}
	return append(dst, '}')
}

func appendBase64(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}
