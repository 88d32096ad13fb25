package codec

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"parallax/processors/row"
)

// kafkaFormat is a single column in the format of Kafka's own serialisers.
var kafkaFormat = format{value: reads(newKafkaValue), key: reads(newKafkaKey), writesValue: writes(newKafkaWriter), writesKey: writes(newKafkaKeyWriter)}

// kafkaReader reads the single column of a key or value.
type kafkaReader struct {
	src    *row.Source
	what   string
	column int
}

func newKafkaKey(src *row.Source) reader {
	return &kafkaReader{src: src, what: "key", column: keyColumns(src)[0]}
}

func newKafkaValue(src *row.Source) reader {
	return &kafkaReader{src: src, what: "value", column: valueColumns(src)[0]}
}

func (k *kafkaReader) read(_ context.Context, b []byte, t *row.Table) error {
	if !k.src.Needed[k.column] {
		return nil
	}
	if err := readPrimitive(t.Columns[k.column], b, k.src.IsKeyed(k.column)); err != nil {
		return fmt.Errorf("%s column %s: %w", k.what, k.src.Columns[k.column].Name, err)
	}
	return nil
}

// readPrimitive reads a column in the format of Kafka's own serialisers: text as UTF-8,
// numbers big-endian. Types that Kafka has no serialiser for are JSON text.
func readPrimitive(c *row.Vector, key []byte, isKeyed bool) error {
	size := 8
	switch c.Type.Kind {
	case row.Bytes:
		c.AppendStr(alias(key))
		return nil
	case row.Int:
		size = 4
	case row.Bigint, row.Double:
	default:
		return textKey(c, key, isKeyed)
	}
	if len(key) != size {
		return fmt.Errorf("%s has %d bytes, not %d", c.Type, size, len(key))
	}
	switch c.Type.Kind {
	case row.Int:
		c.AppendInt64(int64(int32(binary.BigEndian.Uint32(key))))
	case row.Bigint:
		c.AppendInt64(int64(binary.BigEndian.Uint64(key)))
	default:
		c.AppendFloat64(math.Float64frombits(binary.BigEndian.Uint64(key)))
	}
	return nil
}

// textKey reads a key that is text: a STRING, or the JSON text of another type. The text is
// used unchanged, including `\N`, which may be a real key in a topic of another program. If
// isKeyed is set, keys are made of it, and it must be UTF-8.
func textKey(c *row.Vector, key []byte, isKeyed bool) error {
	if isKeyed && c.Type.Kind == row.String && !utf8.Valid(key) {
		return errNotUTF8
	}
	if c.Type.Kind == row.String {
		c.AppendStr(alias(key))
		return nil
	}
	if c.Type.Kind.IsNested() {
		kind, ok := bareValue(key)
		if !ok {
			return convertError(key, c.Type)
		}
		return (&object{isKeyed: isKeyed}).convert(c, key, kind)
	}
	quoted := len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"' // BYTES' base64
	if !(c.Type.Kind == row.Bytes && quoted && appendText(c, key[1:len(key)-1]) || appendScalar(c, key)) {
		return convertError(key, c.Type)
	}
	return nil
}

// kafkaWriter writes the single column of a value.
type kafkaWriter struct{ sink *row.Sink }

func newKafkaWriter(s *row.Sink) writer { return kafkaWriter{s} }

func (w kafkaWriter) columns(dst []byte, first int, values []row.Value) []byte {
	for i, v := range values {
		if w.sink.InValue == nil || w.sink.InValue[first+i] {
			dst = appendPrimitive(dst, v)
		}
	}
	return dst
}

func (kafkaWriter) end(dst []byte, _ int) []byte { return dst }

// kafkaKeyWriter writes the single column of a key.
type kafkaKeyWriter struct{}

func newKafkaKeyWriter(s *row.Sink) writer {
	if len(s.Key) > 1 {
		return newJSONKeyWriter(s) // several columns are a JSON object
	}
	return kafkaKeyWriter{}
}

func (kafkaKeyWriter) columns(dst []byte, _ int, key []row.Value) []byte {
	return appendSingle(dst, key[0], true)
}

func (kafkaKeyWriter) end(dst []byte, _ int) []byte { return dst }

// nullKey is how a NULL key is written: compacted topics reject null keys.
const nullKey = `\N`

// appendSingle writes the single key column: in binary as Kafka's own serialisers do, or as
// text. A leading backslash of a text is doubled, so that no text looks like NULL.
func appendSingle(dst []byte, v row.Value, asBinary bool) []byte {
	switch kind := v.Kind(); {
	case kind == row.Null:
		return append(dst, nullKey...)
	case kind == row.String && strings.HasPrefix(v.Str(), `\`):
		dst = append(dst, '\\')
	case kind == row.Double && v.Float64() != v.Float64():
		v = row.NewDouble(math.NaN()) // equal keys have the same bytes: one NaN,
	case kind == row.Double && v.Float64() == 0:
		v = row.NewDouble(0) // and no -0
	}
	if asBinary || v.Kind() == row.String {
		return appendPrimitive(dst, v)
	}
	return row.AppendJSON(dst, v)
}

// appendPrimitive writes a value in the format of Kafka's own serialisers: text as UTF-8,
// numbers big-endian. Types that Kafka has no serialiser for are JSON text.
func appendPrimitive(dst []byte, v row.Value) []byte {
	switch v.Kind() {
	case row.String, row.Bytes:
		return append(dst, v.Str()...)
	case row.Int:
		return binary.BigEndian.AppendUint32(dst, uint32(v.Int64()))
	case row.Bigint:
		return binary.BigEndian.AppendUint64(dst, uint64(v.Int64()))
	case row.Double:
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(v.Float64()))
	}
	return row.AppendJSON(dst, v)
}
