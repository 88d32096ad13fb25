package row

import "math"

// TopicPartition names a slice of a topic as Kafka knows it.
type TopicPartition struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
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
	// Now is the largest record timestamp up to and including this record, in
	// input order; below 0 where none had one. It is what NOW() gives.
	Now   int64
	State State
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
	settled    int64
	release    func(records []Record, tables []*Table)
}

// NewBatch makes a batch of records in input order and, for each of the plan's
// sources, the decoded columns that their Row points into. The batch owns both
// from now on.
func NewBatch(seq, first int64, records []Record, tables []*Table) *Batch {
	return &Batch{Seq: seq, First: first, records: records, tables: tables, settled: NoWatermark}
}

// NewFlush makes the batch that ends a bounded input: no records, the final
// watermark; its rows have position first and no cause.
func NewFlush(seq, first int64, sources int) *Batch {
	return &Batch{Seq: seq, First: first, flush: true, tables: make([]*Table, sources), settled: NoWatermark}
}

// NewLast makes a batch of records that end with a flush: after the last one time
// stands at FinalWatermark.
func NewLast(seq, first int64, records []Record, tables []*Table) *Batch {
	return &Batch{Seq: seq, First: first, records: records, tables: tables, flush: true, settled: NoWatermark}
}

// Settle says what Settled is, before anybody is given the batch.
func (b *Batch) Settle(end int64) { b.settled = end }

// Settled is an end of windows, in ms: of records that are rows with a window that
// ends there or before, none come after this batch. NoWatermark where that is not
// known of any, as in a topic's batches.
func (b *Batch) Settled() int64 { return b.settled }

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

// Flush reports whether the batch ends with the flush.
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
