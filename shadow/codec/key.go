package codec

import (
	"encoding/binary"
	"fmt"
	"math"

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
	switch d.src.KeyFormat {
	case row.FormatJSON:
		return d.decodeJSONKey(rec.Key, t)
	case row.FormatNone:
		return fmt.Errorf("key_format is NONE, and the query needs key column %s", d.src.Columns[d.key[0]].Name)
	}
	for _, i := range d.key {
		if err := primitiveKey(t.Columns[i], rec.Key); err != nil {
			return fmt.Errorf("key column %s: %w", d.src.Columns[i].Name, err)
		}
	}
	return nil
}

// decodeJSONKey reads an object of the key columns, or the one column bare.
func (d *Decoder) decodeJSONKey(key []byte, t *row.Table) error {
	o := newObject(d.src, d.key)
	for _, c := range key {
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			continue
		}
		if c == '{' {
			if err := o.decode(key, t); err != nil {
				return fmt.Errorf("key: %w", err)
			}
			return nil
		}
		break
	}
	if len(d.key) != 1 {
		return fmt.Errorf("key: %w", errNoObject)
	}
	s := scanner{b: key}
	value, err := s.value()
	if err == errCutShort && len(key) > 0 && key[0] != '"' {
		value, err = span{from: 0, to: len(key)}, nil // a bare scalar ends where the key does
	}
	if err == nil {
		err = s.end()
	}
	if err == nil {
		err = o.convert(t.Columns[d.key[0]], key[value.from:value.to], value.kind)
	}
	if err != nil {
		return fmt.Errorf("key column %s: %w", d.src.Columns[d.key[0]].Name, err)
	}
	return nil
}

// primitiveKey reads a key as Kafka's own serialisers write it: text as UTF-8,
// numbers big-endian. A type that they lack is its JSON text.
func primitiveKey(c *row.Vector, key []byte) error {
	switch c.Type.Kind {
	case row.String:
		c.AppendStr(string(key))
	case row.Int:
		if len(key) != 4 {
			return fmt.Errorf("%d bytes are no INT, which has 4", len(key))
		}
		c.AppendInt64(int64(int32(binary.BigEndian.Uint32(key))))
	case row.Bigint:
		if len(key) != 8 {
			return fmt.Errorf("%d bytes are no BIGINT, which has 8", len(key))
		}
		c.AppendInt64(int64(binary.BigEndian.Uint64(key)))
	case row.Double:
		if len(key) != 8 {
			return fmt.Errorf("%d bytes are no DOUBLE, which has 8", len(key))
		}
		c.AppendFloat64(math.Float64frombits(binary.BigEndian.Uint64(key)))
	default:
		if !appendScalar(c, key) {
			return wrong(key, c.Type)
		}
	}
	return nil
}
