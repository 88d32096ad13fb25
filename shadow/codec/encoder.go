package codec

import (
	"encoding/binary"
	"math"
	"strings"

	"parallax/processors/row"
)

// Encoder writes the changes of one sink as Kafka records. It is not safe for
// concurrent use.
type Encoder struct {
	sink *row.Sink
	// names are those of the value's columns; the zero name is of one that is left
	// out.
	names    []name
	keyNames []name
	// leading is how many of the value's first columns are columns of the key:
	// they are written once for each key that is kept.
	leading int
}

// NewEncoder returns the encoder of a sink.
func NewEncoder(s *row.Sink) *Encoder {
	e := &Encoder{sink: s}
	before := true
	for i, c := range s.Values {
		var n name
		if s.InValue == nil || s.InValue[i] {
			n = newName(c.Name)
		}
		e.names = append(e.names, n)
		if before = before && s.FromKey != nil && s.FromKey[i] >= 0; before {
			e.leading++
		}
	}
	for _, c := range s.Key {
		e.keyNames = append(e.keyNames, newName(c.Name))
	}
	return e
}

// written returns what was written of a kept key, writing it if need be.
func (e *Encoder) written(c *row.Change) *row.Written {
	w := c.Written
	if w.By == e {
		return w
	}
	w.By, w.Key, w.Value = e, e.appendKey(nil, c), nil
	for i := range e.leading {
		w.Value = appendColumns(w.Value, e.names[i:i+1], c.Key[e.sink.FromKey[i]:][:1])
	}
	return w
}

// AppendValue appends the value of a change that is no deletion.
func (e *Encoder) AppendValue(dst []byte, c *row.Change) []byte {
	from := len(dst)
	columns := 0
	if c.Written != nil && e.leading > 0 {
		columns = e.leading
		dst = append(dst, e.written(c).Value...)
	}
	return asObject(appendColumns(dst, e.names[columns:], c.Values[columns:]), from)
}

// name is `,"NAME":` of a column, and its first bytes as words: short names are
// stored as words, whole, and the value is written over what is too much.
type name struct {
	text  string
	words [3]uint64
}

const nameWords = 24 // bytes

func newName(column string) name {
	n := name{text: "," + string(row.AppendJSONString(nil, column)) + ":"}
	var b [nameWords]byte
	copy(b[:], n.text)
	for i := range n.words {
		n.words[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return n
}

func (n *name) append(dst []byte) []byte {
	at := len(dst)
	if len(n.text) > nameWords || cap(dst)-at < nameWords {
		return append(dst, n.text...)
	}
	p := dst[at : at+nameWords]
	binary.LittleEndian.PutUint64(p, n.words[0])
	binary.LittleEndian.PutUint64(p[8:], n.words[1])
	binary.LittleEndian.PutUint64(p[16:], n.words[2])
	return dst[:at+len(n.text)]
}

// appendColumns appends a comma, a name and a value for each column.
func appendColumns(dst []byte, names []name, values []row.Value) []byte {
	for i := range values {
		if n := &names[i]; n.text != "" {
			dst = row.AppendJSON(n.append(dst), values[i])
		}
	}
	return dst
}

// asObject makes an object of the columns from from on: the first comma becomes
// its bracket.
func asObject(dst []byte, from int) []byte {
	if len(dst) == from {
		return append(dst, "{}"...)
	}
	dst[from] = '{'
	return append(dst, '}')
}

// HasKey reports whether the sink's records have a key at all.
func (e *Encoder) HasKey() bool {
	return len(e.sink.Key) > 0 && e.sink.KeyFormat != row.FormatNone
}

// AppendKey appends the key of a change, whose sink HasKey: first what decides
// the partition, then, from rest on, its window.
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
	switch {
	case len(c.Key) > 1 && e.sink.KeyFormat == row.FormatString:
		return appendParts(dst, c.Key)
	case len(c.Key) > 1:
		from := len(dst)
		return asObject(appendColumns(dst, e.keyNames, c.Key), from)
	case e.sink.KeyFormat == row.FormatJSON:
		return row.AppendJSON(dst, c.Key[0])
	default:
		return appendSingle(dst, c.Key[0], e.sink.KeyFormat == row.FormatKafka)
	}
}

// nullKey is how a NULL key is written: compacted topics reject null keys.
const nullKey = `\N`

// appendSingle writes the one key column: binary as Kafka's own serialisers do,
// else as its text. A text that starts with a backslash gets one more, so that
// none looks like NULL.
func appendSingle(dst []byte, v row.Value, asBinary bool) []byte {
	kind := v.Kind()
	switch {
	case kind == row.Null:
		return append(dst, nullKey...)
	case kind == row.String:
		if strings.HasPrefix(v.Str(), `\`) {
			dst = append(dst, '\\')
		}
		return append(dst, v.Str()...)
	case kind == row.Bytes && asBinary:
		return append(dst, v.Str()...)
	case kind == row.Int && asBinary:
		return binary.BigEndian.AppendUint32(dst, uint32(v.Int64()))
	case kind == row.Bigint && asBinary:
		return binary.BigEndian.AppendUint64(dst, uint64(v.Int64()))
	case kind == row.Double && asBinary:
		f := v.Float64()
		switch {
		case f != f:
			f = math.NaN() // equal keys have the same bytes: one NaN,
		case f == 0:
			f = 0 // and no -0
		}
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(f))
	}
	return row.AppendJSON(dst, v)
}

// appendParts writes a|b; backslashes and bars in the text are escaped.
func appendParts(dst []byte, key []row.Value) []byte {
	for i, v := range key {
		if i > 0 {
			dst = append(dst, '|')
		}
		switch v.Kind() {
		case row.Null:
			dst = append(dst, nullKey...)
		case row.String:
			for j := range len(v.Str()) {
				if c := v.Str()[j]; c == '\\' || c == '|' {
					dst = append(dst, '\\')
				}
				dst = append(dst, v.Str()[j])
			}
		default:
			dst = row.AppendJSON(dst, v)
		}
	}
	return dst
}

// Partition returns the topic-partition, of n, that a change goes to. By key it
// is the one that Kafka's default partitioner takes; key is its bytes without
// the window. Without a key it is the cause's modulo n; cause is nil for the
// flush.
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
