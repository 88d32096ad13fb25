package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"parallax/processors/row"
)

// decodeKey appends the needed key columns. A null key is NULL in each.
func (d *Decoder) decodeKey(rec *row.Record, t *row.Table) error {
	if len(d.key) == 0 {
		return nil
	}
	if rec.Key == nil {
		for _, i := range d.key {
			t.Columns[i].AppendNull()
		}
		return nil
	}
	switch {
	case d.src.KeyFormat == row.FormatJSON:
		return d.jsonKey(rec.Key, t)
	case d.src.KeyFormat == row.FormatNone:
		return fmt.Errorf("key_format is NONE, and the query needs key column %s", d.src.Columns[d.key[0]].Name)
	case len(d.keyParts) > 1:
		return d.partsKey(rec.Key, t)
	}
	i := d.key[0]
	read := kafkaKey
	if d.src.KeyFormat == row.FormatString {
		read = textKey
	}
	if err := read(t.Columns[i], rec.Key); err != nil {
		return fmt.Errorf("key column %s: %w", d.src.Columns[i].Name, err)
	}
	return nil
}

// jsonKey reads an object of the key columns, or the one column bare.
func (d *Decoder) jsonKey(key []byte, t *row.Table) error {
	key = bytes.Trim(key, " \t\r\n")
	// The one key column of a type that is an object itself is bare.
	bare := len(d.keyParts) == 1 && t.Columns[d.key[0]].Type.Kind.IsNested()
	if len(key) > 0 && key[0] == '{' && !bare {
		return d.keyObject.decode(key, t)
	}
	if len(d.keyParts) > 1 {
		return fmt.Errorf("the key is %w", errNoObject)
	}
	i := d.key[0]
	kind, ok := bareValue(key)
	err := wrong(key, t.Columns[i].Type)
	if ok {
		err = d.keyObject.convert(t.Columns[i], key, kind)
	}
	if err != nil {
		return fmt.Errorf("key column %s: %w", d.src.Columns[i].Name, err)
	}
	return nil
}

// bareValue checks that text is one JSON value, and says what it starts as. A
// scalar is judged by whoever converts it.
func bareValue(text []byte) (kind byte, ok bool) {
	if len(text) == 0 || strings.IndexByte(`"[{`, text[0]) < 0 {
		return 0, true
	}
	s := scanner{b: text}
	value, err := s.value()
	return value.kind, err == nil && s.end() == nil
}

// kafkaKey reads a key as Kafka's own serialisers write it: text as UTF-8,
// numbers big-endian. A type that they lack is its JSON text.
func kafkaKey(c *row.Vector, key []byte) error {
	size := 8
	switch c.Type.Kind {
	case row.Bytes:
		c.AppendStr(string(key))
		return nil
	case row.Int:
		size = 4
	case row.Bigint, row.Double:
	default:
		return textKey(c, key)
	}
	if len(key) != size {
		return fmt.Errorf("%d bytes are no %s, which has %d", len(key), c.Type, size)
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

// textKey reads a key that is text: that of a STRING, else the JSON text of the
// type. Text is taken as it is, `\N` too: another's topic may well mean it.
func textKey(c *row.Vector, key []byte) error {
	if c.Type.Kind == row.String {
		c.AppendStr(alias(key))
		return nil
	}
	if c.Type.Kind.IsNested() {
		kind, ok := bareValue(key)
		if !ok {
			return wrong(key, c.Type)
		}
		return (&object{}).convert(c, key, kind)
	}
	quoted := len(key) >= 2 && key[0] == '"' && key[len(key)-1] == '"' // BYTES' base64
	if !(c.Type.Kind == row.Bytes && quoted && appendText(c, key[1:len(key)-1]) || appendScalar(c, key)) {
		return wrong(key, c.Type)
	}
	return nil
}

// keyPart is one part of a|b, its escapes undone.
type keyPart struct {
	text   []byte
	isNull bool
}

// partsKey reads a key of several parts, as key_format STRING writes it.
func (d *Decoder) partsKey(key []byte, t *row.Table) error {
	var err error
	if d.parts, err = splitParts(d.parts[:0], key); err != nil {
		return fmt.Errorf("the key has %w", err)
	}
	if len(d.parts) != len(d.keyParts) {
		return fmt.Errorf("the key has %d parts, and the source %d key columns", len(d.parts), len(d.keyParts))
	}
	for n, i := range d.keyParts {
		switch p := d.parts[n]; {
		case !d.src.Needed[i]:
		case p.isNull:
			t.Columns[i].AppendNull()
		default:
			if err := textKey(t.Columns[i], p.text); err != nil {
				return fmt.Errorf("key column %s: %w", d.src.Columns[i].Name, err)
			}
		}
	}
	return nil
}

var errKeyEscape = errors.New(`a backslash that does not stand before \, | or a lone N`)

// splitParts undoes what appendParts does.
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
