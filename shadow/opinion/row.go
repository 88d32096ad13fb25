package opinion

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"parallax/processors/row"
)

// A row is encoded in two ways: as its sink writes it, and with the kind of each value,
// which a format may hide (5 is the same JSON as an INT and as a BIGINT). Its place is the
// output, window and timestamp.

// append appends a row's bytes.
func (s *side) append(dst []byte, sinks []*row.Sink, c *row.Change) []byte {
	dst = number(dst, uint64(c.Query), uint64(c.WindowStart), uint64(c.WindowEnd), uint64(c.Timestamp))
	own := *c
	own.Written = nil // the cached encoding of another encoder
	own.Key, own.Values = canonical(c.Key), canonical(c.Values)
	if int(c.Query) < len(sinks) {
		sink := sinks[c.Query]
		if len(own.Key) == len(sink.Key) && (own.Deleted() || len(own.Values) == len(sink.Values)) {
			dst = s.record(dst, sink, &own)
		}
	}
	dst = kinds(dst, own.Key)
	if own.Deleted() {
		return append(dst, 0)
	}
	return kinds(append(dst, 1), own.Values)
}

// record appends the Kafka record of a row that has the sink's columns.
func (s *side) record(dst []byte, sink *row.Sink, c *row.Change) []byte {
	e := s.encoders[c.Query]
	at, err := e.Timestamp(c)
	if err != nil { // the row is a dead letter
		dst = text(dst, err.Error())
	} else {
		dst = number(dst, uint64(at))
	}
	if e.HasKey() {
		from := len(dst)
		dst, _ = e.AppendKey(dst, c)
		dst = number(dst, uint64(len(dst)-from))
	}
	if e.HasValue(c) {
		from := len(dst)
		dst = e.AppendValue(dst, c)
		dst = number(dst, uint64(len(dst)-from))
	}
	return dst
}

// canonical returns a tuple in which zeros have no sign and all NaNs are equal. Most tuples
// are returned unchanged.
func canonical(values []row.Value) []row.Value {
	if !slices.ContainsFunc(values, hasForms) {
		return values
	}
	own := row.AsKeys(values)
	for i, v := range own {
		if v.Kind() == row.Double && math.IsNaN(v.Float64()) {
			own[i] = row.NewDouble(math.NaN())
		}
	}
	return own
}

// hasForms reports whether equal values of this kind can have different bits.
func hasForms(v row.Value) bool { return v.Kind() == row.Double || v.Kind().IsNested() }

// kinds appends values with their kinds, including nested ones.
func kinds(dst []byte, values []row.Value) []byte {
	dst = number(dst, uint64(len(values)))
	for _, v := range values {
		dst = append(dst, byte(v.Kind()))
		switch v.Kind() {
		case row.String, row.Bytes:
			dst = text(dst, v.Str())
		case row.Array, row.Map, row.Struct:
			for _, name := range v.Names() {
				dst = text(dst, name)
			}
			dst = kinds(dst, v.Elements())
		default:
			from := len(dst)
			dst = row.AppendJSON(dst, v)
			dst = number(dst, uint64(len(dst)-from))
		}
	}
	return dst
}

func number(dst []byte, list ...uint64) []byte {
	for _, n := range list {
		dst = binary.BigEndian.AppendUint64(dst, n)
	}
	return dst
}

func text(dst []byte, s string) []byte { return append(number(dst, uint64(len(s))), s...) }

// mostShown limits the length of a row in a message.
const mostShown = 300

// describe formats a row for messages.
func (j *Judge) describe(c *row.Change) string {
	topic := fmt.Sprintf("query %d", c.Query)
	if int(c.Query) < len(j.sinks) {
		topic = j.sinks[c.Query].Topic
	}
	show := func(values []row.Value) (list []string) {
		for _, v := range values {
			list = append(list, string(row.AppendJSON(nil, v)))
		}
		return list
	}
	line := fmt.Sprintf("key %s, value %s", show(c.Key), show(c.Values))
	if c.Deleted() {
		line = fmt.Sprintf("a deletion of key %s", show(c.Key))
	}
	if j.redact != nil {
		line = j.redact(line)
	}
	if len(line) > mostShown {
		line = line[:mostShown] + "..."
	}
	return fmt.Sprintf("in %s, window [%d, %d), timestamp %d: %s", topic, c.WindowStart, c.WindowEnd, c.Timestamp, line)
}
