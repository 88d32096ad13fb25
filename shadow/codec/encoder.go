package codec

import (
	"context"
	"encoding/binary"
	"math"

	"parallax/processors/row"
)

// Encoder writes the changes of one sink as Kafka records. It is not safe for
// concurrent use.
type Encoder struct {
	sink *row.Sink
	// key is nil if the sink's records have no key.
	key, value writer
	// leading is how many of the value's first columns are columns of the key. Their
	// encoding is cached with the key.
	leading int
	// nullable is the column whose NULL makes the value null, -1 for none.
	nullable int
}

// NewEncoder returns the encoder of a sink. A format may contact another system; ctx ends
// that.
func NewEncoder(ctx context.Context, s *row.Sink) (*Encoder, error) {
	value, err := newWriter(ctx, s, s.Format, "value")
	if err != nil {
		return nil, err
	}
	e := &Encoder{sink: s, value: value, nullable: -1}
	before := true
	for i := range s.Values {
		if before = before && s.FromKey != nil && s.FromKey[i] >= 0; before {
			e.leading++
		}
		if s.Format == row.FormatKafka && (s.InValue == nil || s.InValue[i]) {
			e.nullable = i
		}
	}
	if len(s.Key) > 0 && s.KeyFormat != row.FormatNone {
		if e.key, err = newWriter(ctx, s, s.KeyFormat, "key"); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// NewEncoders returns the encoders of sinks, in order.
func NewEncoders(ctx context.Context, sinks []*row.Sink) (list []*Encoder, err error) {
	for _, s := range sinks {
		e, err := NewEncoder(ctx, s)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// written returns the cached encoding of a key, and creates it if needed.
func (e *Encoder) written(c *row.Change) *row.Written {
	w := c.Written
	if w.By == e {
		return w
	}
	w.By, w.Key, w.Value = e, e.appendKey(nil, c), nil
	for i := range e.leading {
		w.Value = e.value.columns(w.Value, i, c.Key[e.sink.FromKey[i]:][:1])
	}
	return w
}

// Timestamp returns the timestamp of a change's record, in ms (see row.Sink.TimeOf).
func (e *Encoder) Timestamp(c *row.Change) (int64, error) { return e.sink.TimeOf(c) }

// HasValue reports whether the change's record has a value that is not null: it is not a
// deletion and not KAFKA's NULL, which Kafka's serialisers write as null.
func (e *Encoder) HasValue(c *row.Change) bool {
	return !c.Deleted() && (e.nullable < 0 || !c.Values[e.nullable].IsNull())
}

// AppendValue appends the value of a change that HasValue.
func (e *Encoder) AppendValue(dst []byte, c *row.Change) []byte {
	from := len(dst)
	columns := 0
	if c.Written != nil && e.leading > 0 {
		columns = e.leading
		dst = append(dst, e.written(c).Value...)
	}
	return e.value.end(e.value.columns(dst, columns, c.Values[columns:]), from)
}

// HasKey reports whether the sink's records have a key at all.
func (e *Encoder) HasKey() bool {
	return e.key != nil
}

// AppendKey appends the key of a change, whose sink must have a key: first the bytes that
// determine the partition, then, from rest on, the window.
func (e *Encoder) AppendKey(dst []byte, c *row.Change) (key []byte, rest int) {
	if c.Written != nil {
		dst = append(dst, e.written(c).Key...)
	} else {
		dst = e.appendKey(dst, c)
	}
	rest = len(dst)
	if e.sink.Windowed {
		dst = binary.BigEndian.AppendUint64(dst, uint64(c.WindowStart))
		if e.sink.Session {
			dst = binary.BigEndian.AppendUint64(dst, uint64(c.WindowEnd))
		}
	}
	return dst, rest
}

func (e *Encoder) appendKey(dst []byte, c *row.Change) []byte {
	from := len(dst)
	return e.key.end(e.key.columns(dst, 0, c.Key), from)
}

// Partition returns the topic-partition, of n, for a change. With a key it is the choice of
// Kafka's default partitioner; key is the key without the window. Without a key it is the
// partition of the cause modulo n; cause is nil for the flush.
func (e *Encoder) Partition(key []byte, cause *row.Record, n int32) int32 {
	switch {
	case e.HasKey():
		return int32(murmur2(key)&math.MaxInt32) % n
	case cause == nil:
		return 0
	}
	return cause.Partition % n
}

// murmur2 is the hash of Kafka's default partitioner: MurmurHash2, 32 bits,
// with the seed that Kafka uses.
func murmur2(b []byte) uint32 {
	const m = 0x5bd1e995
	h := uint32(0x9747b28c) ^ uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		k := binary.LittleEndian.Uint32(b) * m
		h = h*m ^ (k^k>>24)*m
	}
	switch len(b) {
	case 3:
		h ^= uint32(b[2]) << 16
		fallthrough
	case 2:
		h ^= uint32(b[1]) << 8
		fallthrough
	case 1:
		h = (h ^ uint32(b[0])) * m
	}
	h = (h ^ h>>13) * m
	return h ^ h>>15
}
