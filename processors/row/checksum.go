package row

import (
	"encoding/binary"
	"unsafe"

	"github.com/zeebo/xxh3"
)

// Checksum covers everything that a path can read of the batch, bit by bit: its numbers,
// each record with its bytes, headers and error, and the decoded columns. If it changes
// while the batch is being processed, a path modified the batch.
func (b *Batch) Checksum() uint64 {
	c := checksum{hash: xxh3.New()}
	c.numbers(uint64(b.Seq), uint64(b.First), uint64(b.settled), bit(b.flush), uint64(len(b.records)), uint64(len(b.tables)))
	for i := range b.records {
		c.record(&b.records[i])
	}
	for _, t := range b.tables {
		c.table(t)
	}
	c.flush()
	return c.hash.Sum64()
}

// checksum collects data and hashes it piece by piece. Each text and list is preceded by
// its length, so that different batches have different bytes.
type checksum struct {
	hash *xxh3.Hasher
	buf  []byte
}

const checksumPiece = 8 << 10

func (c *checksum) flush() {
	_, _ = c.hash.Write(c.buf) // a hash does not fail
	c.buf = c.buf[:0]
}

func (c *checksum) numbers(list ...uint64) {
	if len(c.buf) > checksumPiece {
		c.flush()
	}
	for _, n := range list {
		c.buf = binary.LittleEndian.AppendUint64(c.buf, n)
	}
}

func (c *checksum) text(s string) {
	c.numbers(uint64(len(s)))
	if len(s) > checksumPiece {
		c.flush()
		_, _ = c.hash.WriteString(s)
		return
	}
	c.buf = append(c.buf, s...)
}

// bytes distinguishes Kafka's null from an empty slice.
func (c *checksum) bytes(b []byte) {
	c.numbers(bit(b != nil))
	c.text(unsafe.String(unsafe.SliceData(b), len(b)))
}

func (c *checksum) record(r *Record) {
	c.text(r.Topic)
	c.numbers(uint64(r.Partition), uint64(r.Offset), uint64(r.Timestamp), uint64(r.EventTime), uint64(r.Watermark), uint64(r.Now),
		uint64(r.State), uint64(r.Source), uint64(r.Row), bit(r.Err != nil), uint64(len(r.Headers)))
	if r.Err != nil {
		c.text(r.Err.Error())
	}
	c.bytes(r.Key)
	c.bytes(r.Value)
	for i := range r.Headers {
		c.text(r.Headers[i].Key)
		c.bytes(r.Headers[i].Value)
	}
}

func (c *checksum) table(t *Table) {
	if t == nil {
		c.numbers(0)
		return
	}
	c.numbers(1, uint64(t.n), uint64(len(t.Columns)))
	for _, v := range t.Columns {
		if v == nil {
			c.numbers(0)
			continue
		}
		c.numbers(1, uint64(v.Type.Kind), uint64(v.Type.Precision), uint64(v.Type.Scale), uint64(len(v.valid)))
		for i, valid := range v.valid {
			c.numbers(bit(valid))
			if valid {
				c.row(v, i)
			}
		}
	}
}

// row adds the bits of row i of a column. The bits under a NULL are skipped.
func (c *checksum) row(v *Vector, i int) {
	switch v.Type.Kind {
	case String, Bytes:
		c.text(v.strs[i])
	case Array, Map, Struct:
		c.value(v.nested[i])
	case Decimal:
		c.numbers(uint64(v.highs[i]), uint64(v.ints[i]))
	default:
		c.numbers(uint64(v.ints[i]))
	}
}

// value adds an element of a nested value.
func (c *checksum) value(v Value) {
	c.numbers(uint64(v.Kind()))
	switch v.Kind() {
	case Null:
	case String, Bytes:
		c.text(v.Str())
	case Array, Map, Struct:
		n := v.nested()
		c.numbers(uint64(len(n.values)), uint64(len(n.names)))
		for _, name := range n.names {
			c.text(name)
		}
		for _, e := range n.values {
			c.value(e)
		}
	case Decimal:
		c.numbers(uint64(v.scale()), uint64(v.high()), v.n)
	default:
		c.numbers(v.n)
	}
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
