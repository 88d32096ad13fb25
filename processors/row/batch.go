package row

import (
	"encoding/binary"
	"math"

	"github.com/zeebo/xxh3"
)

// TopicPartition names a slice of a topic as Kafka knows it.
type TopicPartition struct {
	Topic     string
	Partition int32
}

// Header is a record header.
type Header struct {
	Key   string
	Value []byte
}

// State says what became of a record when it was decoded.
type State uint8

const (
	// Decoded: the columns hold its values.
	Decoded State = iota
	// NullValue: the record has a null value: a deletion for a table. Key
	// columns are decoded, the others are NULL.
	NullValue
	// Undecodable: no query sees it. It goes to the dead-letter topic.
	Undecodable
)

// Record is one input record, as it was read and as it was placed.
type Record struct {
	TopicPartition
	Offset int64
	// Timestamp is the record's own, in ms. EventTime is that or its
	// timestamp= column's; both are -1 where an undecodable record has none.
	Timestamp, EventTime int64
	// Watermark is the task's, in ms, when this record acts: phase 0 closes what
	// it closes, the record included that moved it. NoWatermark before there is
	// one. It never goes back.
	Watermark int64
	State     State
	// Err says why the record is Undecodable.
	Err error
	// Source is the index in the plan's sources, Row the row in its Table; -1
	// for an undecodable record.
	Source, Row int32
	// Key and Value are the bytes as they were read; nil is Kafka's null.
	Key, Value []byte
	Headers    []Header
}

// The ends of time. FinalWatermark is that of the flush: it closes everything.
const (
	NoWatermark    = math.MinInt64
	FinalWatermark = math.MaxInt64
)

// Batch is a cut of the input order, shared by both paths: whoever holds one
// only reads it, and nothing it returns may be written to. Where the cut falls
// never changes a result. It is safe for concurrent use.
//
// Seq is the join key of everything that is told about a batch: emission,
// offsets, ledger, divergences. First is the position (the task's sequence
// number) of its first record; record i has position First+i.
type Batch struct {
	Seq, First int64
	records    []Record
	tables     []*Table
	flush      bool
	release    func(records []Record, tables []*Table)
}

// NewBatch makes a batch of records in input order and, for each of the plan's
// sources, the decoded columns that their Row points into. The batch owns both
// from now on.
func NewBatch(seq, first int64, records []Record, tables []*Table) *Batch {
	return &Batch{Seq: seq, First: first, records: records, tables: tables}
}

// NewFlush makes the batch that ends a bounded input: no records, the final
// watermark; its rows have position first and no cause.
func NewFlush(seq, first int64, sources int) *Batch {
	return &Batch{Seq: seq, First: first, flush: true, tables: make([]*Table, sources)}
}

// OnRelease says what takes the batch's memory back.
func (b *Batch) OnRelease(f func(records []Record, tables []*Table)) { b.release = f }

// Release gives the batch's memory back to whoever made it: neither a path nor
// an outcome looks at it any more. A batch that nobody releases is the garbage
// collector's.
func (b *Batch) Release() {
	if f := b.release; f != nil {
		records, tables := b.records, b.tables
		b.release, b.records, b.tables = nil, nil, nil
		f(records, tables)
	}
}

// Len returns the number of records.
func (b *Batch) Len() int { return len(b.records) }

// Flush reports whether the batch is the flush.
func (b *Batch) Flush() bool { return b.flush }

// Record returns record i, to be read only.
func (b *Batch) Record(i int) *Record { return &b.records[i] }

// Table returns the decoded columns of a source, nil where the batch has no
// record of it.
func (b *Batch) Table(source int) *Table { return b.tables[source] }

// Watermark returns the watermark after the last record; FinalWatermark for
// the flush.
func (b *Batch) Watermark() int64 {
	switch {
	case b.flush:
		return FinalWatermark
	case len(b.records) == 0:
		return NoWatermark
	}
	return b.records[len(b.records)-1].Watermark
}

// Checksum covers all that a path can see of the batch. A batch whose checksum
// changes while it is being processed was written to.
func (b *Batch) Checksum() uint64 {
	h := xxh3.New()
	var buf []byte
	for i := range b.records {
		r := &b.records[i]
		buf = append(buf[:0], r.Topic...)
		for _, n := range [...]int64{int64(r.Partition), r.Offset, r.Timestamp, r.EventTime, r.Watermark, int64(r.State), int64(r.Source), int64(r.Row)} {
			buf = binary.BigEndian.AppendUint64(buf, uint64(n))
		}
		buf = append(append(buf, r.Key...), r.Value...)
		_, _ = h.Write(buf) // a hash does not fail
	}
	for _, t := range b.tables {
		if t == nil {
			continue
		}
		for i := range t.Len() {
			buf = buf[:0]
			for _, c := range t.Columns {
				if c != nil {
					buf = AppendKey(buf, c.Value(i))
				}
			}
			_, _ = h.Write(buf)
		}
	}
	return h.Sum64()
}

// Table holds decoded rows of one source by column. Columns that the plan does
// not need are nil.
type Table struct {
	Columns []*Vector
	n       int
}

// NewTable returns an empty table with the columns that the source's plan
// needs.
func NewTable(s *Source, capacity int) *Table {
	t := &Table{Columns: make([]*Vector, len(s.Columns))}
	for i, c := range s.Columns {
		if s.Needed[i] {
			t.Columns[i] = newVector(c.Type, capacity)
		}
	}
	return t
}

// Len returns the number of rows.
func (t *Table) Len() int { return t.n }

// Reset makes the table empty; its memory is used again.
func (t *Table) Reset() {
	t.n = 0
	for _, c := range t.Columns {
		if c != nil {
			c.truncate(0)
		}
	}
}

// EndRow ends a row to which every column has been appended, and returns its
// index. A column that got nothing in this row is NULL in it.
func (t *Table) EndRow() int {
	t.n++
	for _, c := range t.Columns {
		if c != nil && len(c.valid) < t.n {
			c.AppendNull()
		}
	}
	return t.n - 1
}

// EndWhole is EndRow where every column has been appended to.
func (t *Table) EndWhole() int {
	t.n++
	return t.n - 1
}

// DropRow takes back what was appended since the last EndRow: the row turned
// out to be undecodable.
func (t *Table) DropRow() {
	for _, c := range t.Columns {
		if c != nil {
			c.truncate(t.n)
		}
	}
}

// Undo takes back what was appended to some columns since the last EndRow.
func (t *Table) Undo(columns []int) {
	for _, i := range columns {
		t.Columns[i].truncate(t.n)
	}
}

// AppendFrom appends row i of another table of the same source.
func (t *Table) AppendFrom(o *Table, i int) int {
	for j, c := range t.Columns {
		if c != nil {
			c.appendFrom(o.Columns[j], i)
		}
	}
	t.n++
	return t.n - 1
}

// Vector is one column of a Table: typed storage, and which rows are not NULL.
type Vector struct {
	Type  Type
	valid []bool
	ints  []int64  // all other kinds; DECIMAL's low word; DOUBLE's bits
	highs []int64  // DECIMAL's high word
	strs  []string // STRING, BYTES
	// nested are ARRAY, MAP and STRUCT.
	nested []Value
}

// NewVector returns an empty column.
func NewVector(t Type) *Vector { return newVector(t, 0) }

func newVector(t Type, capacity int) *Vector {
	v := &Vector{Type: t, valid: make([]bool, 0, capacity)}
	switch t.Kind {
	case String, Bytes:
		v.strs = make([]string, 0, capacity)
	case Array, Map, Struct:
		v.nested = make([]Value, 0, capacity)
	case Decimal:
		v.highs = make([]int64, 0, capacity)
		fallthrough
	default:
		v.ints = make([]int64, 0, capacity)
	}
	return v
}

// Len returns the number of rows.
func (v *Vector) Len() int { return len(v.valid) }

// Valid reports whether row i is not NULL.
func (v *Vector) Valid(i int) bool { return v.valid[i] }

// Int64 returns row i of an integral column: BOOLEAN, INT, BIGINT, TIMESTAMP,
// TIME, DATE.
func (v *Vector) Int64(i int) int64 { return v.ints[i] }

// Float64 returns row i of a DOUBLE column.
func (v *Vector) Float64(i int) float64 { return math.Float64frombits(uint64(v.ints[i])) }

// Int128 returns row i of a DECIMAL column: its unscaled value at Type.Scale.
func (v *Vector) Int128(i int) Int128 { return Int128{Hi: v.highs[i], Lo: uint64(v.ints[i])} }

// Str returns row i of a STRING or BYTES column.
func (v *Vector) Str(i int) string { return v.strs[i] }

// Value returns row i as a Value.
func (v *Vector) Value(i int) Value {
	if !v.valid[i] {
		return Value{}
	}
	switch v.Type.Kind {
	case String, Bytes:
		return newText(v.Type.Kind, v.strs[i])
	case Array, Map, Struct:
		return v.nested[i]
	case Decimal:
		return Value{kind: Decimal, scale: uint8(v.Type.Scale), n: uint64(v.ints[i]), hi: v.highs[i]}
	default:
		return Value{kind: v.Type.Kind, n: uint64(v.ints[i])}
	}
}

// AppendNull appends NULL.
func (v *Vector) AppendNull() {
	v.valid = append(v.valid, false)
	switch v.Type.Kind {
	case String, Bytes:
		v.strs = append(v.strs, "")
	case Array, Map, Struct:
		v.nested = append(v.nested, Value{})
	case Decimal:
		v.highs = append(v.highs, 0)
		fallthrough
	default:
		v.ints = append(v.ints, 0)
	}
}

// AppendInt64 appends to an integral column.
func (v *Vector) AppendInt64(n int64) {
	v.valid = append(v.valid, true)
	v.ints = append(v.ints, n)
}

// AppendFloat64 appends to a DOUBLE column.
func (v *Vector) AppendFloat64(f float64) { v.AppendInt64(int64(math.Float64bits(f))) }

// AppendInt128 appends an unscaled value to a DECIMAL column.
func (v *Vector) AppendInt128(n Int128) {
	v.valid = append(v.valid, true)
	v.ints = append(v.ints, int64(n.Lo))
	v.highs = append(v.highs, n.Hi)
}

// AppendStr appends to a STRING or BYTES column. The text may lie in the bytes
// of the record that it came from: who keeps it beyond the batch clones it.
func (v *Vector) AppendStr(s string) {
	v.valid = append(v.valid, true)
	v.strs = append(v.strs, s)
}

// AppendNested appends to an ARRAY, MAP or STRUCT column.
func (v *Vector) AppendNested(value Value) {
	v.valid = append(v.valid, true)
	v.nested = append(v.nested, value)
}

// Replace overwrites the last row, for a field that comes twice in one record:
// the last one counts. The caller appends the new value next.
func (v *Vector) Replace() { v.truncate(len(v.valid) - 1) }

func (v *Vector) appendFrom(o *Vector, i int) {
	v.valid = append(v.valid, o.valid[i])
	switch v.Type.Kind {
	case String, Bytes:
		v.strs = append(v.strs, o.strs[i])
	case Array, Map, Struct:
		v.nested = append(v.nested, o.nested[i])
	case Decimal:
		v.highs = append(v.highs, o.highs[i])
		fallthrough
	default:
		v.ints = append(v.ints, o.ints[i])
	}
}

func (v *Vector) truncate(n int) {
	if len(v.valid) <= n {
		return
	}
	v.valid = v.valid[:n]
	switch v.Type.Kind {
	case String, Bytes:
		v.strs = v.strs[:n]
	case Array, Map, Struct:
		v.nested = v.nested[:n]
	case Decimal:
		v.highs = v.highs[:n]
		fallthrough
	default:
		v.ints = v.ints[:n]
	}
}
