package row

import "math"

// TopicPartition is one partition of a Kafka topic.
type TopicPartition struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
}

// Header is a record header.
type Header struct {
	Key   string
	Value []byte
}

// State is the result of decoding a record.
type State uint8

const (
	// Decoded: the columns hold the record's values.
	Decoded State = iota
	// NullValue: the record's value is null, which deletes a table's row. Key columns are
	// decoded, the others are NULL.
	NullValue
	// Undecodable: no query sees the record. It goes to the dead-letter topic.
	Undecodable
)

// Record is one input record with its position in the input order.
type Record struct {
	TopicPartition
	Offset int64
	// Timestamp is the record's own timestamp, in ms. EventTime is the same, or the value
	// of the timestamp= column. Both are -1 if an undecodable record has none.
	Timestamp, EventTime int64
	// Watermark is the task's watermark, in ms, when this record is processed. It includes
	// this record's own event time. Phase 0 closes the windows that it ends. It is
	// NoWatermark before there is one, and never decreases.
	Watermark int64
	// Now is the largest record timestamp up to and including this record, in input order;
	// it is negative if there is none. NOW() returns it.
	Now   int64
	State State
	// Err is why the record is Undecodable.
	Err error
	// Source is the index in the plan's sources, Row the row in its Table; -1
	// for an undecodable record.
	Source, Row int32
	// Key and Value are the record's raw bytes; nil is Kafka's null.
	Key, Value []byte
	Headers    []Header
}

// The limits of time. FinalWatermark is the flush's watermark; it closes all windows.
const (
	NoWatermark    = math.MinInt64
	FinalWatermark = math.MaxInt64
)

// Batch is a section of the input order that both paths read. It is immutable: nothing that
// its methods return may be modified. Where one batch ends and the next begins never
// changes a result. It is safe for concurrent use.
//
// Seq identifies the batch in everything that refers to it: emission, offsets, ledger,
// divergences. First is the position (the task's sequence number) of its first record;
// record i has position First+i.
type Batch struct {
	Seq, First int64
	records    []Record
	tables     []*Table
	flush      bool
	settled    int64
	release    func(records []Record, tables []*Table)
}

// NewBatch returns a batch of records in input order with, for each of the plan's sources,
// the decoded columns that the records' Row refers to. The batch owns both.
func NewBatch(seq, first int64, records []Record, tables []*Table) *Batch {
	return &Batch{Seq: seq, First: first, records: records, tables: tables, settled: NoWatermark}
}

// NewFlush returns the batch at the end of a bounded input: no records, and the final
// watermark. Rows that it produces have position first and no cause.
func NewFlush(seq, first int64, sources int) *Batch {
	return &Batch{Seq: seq, First: first, flush: true, tables: make([]*Table, sources), settled: NoWatermark}
}

// NewLast returns a batch of records followed by a flush: after the last record, time is
// FinalWatermark.
func NewLast(seq, first int64, records []Record, tables []*Table) *Batch {
	return &Batch{Seq: seq, First: first, records: records, tables: tables, flush: true, settled: NoWatermark}
}

// Settle sets the result of Settled. Call it before the batch is shared.
func (b *Batch) Settle(end int64) { b.settled = end }

// Settled returns the end of a window, in ms: no record after this batch is a row whose
// window ends there or earlier. It is NoWatermark where that is not known, as for batches
// of topics.
func (b *Batch) Settled() int64 { return b.settled }

// OnRelease sets the function that Release calls to reuse the batch's memory.
func (b *Batch) OnRelease(f func(records []Record, tables []*Table)) { b.release = f }

// Release returns the batch's memory to its source. Neither a path nor an outcome may use
// the batch afterwards. A batch that is never released is garbage collected.
func (b *Batch) Release() {
	if f := b.release; f != nil {
		records, tables := b.records, b.tables
		b.release, b.records, b.tables = nil, nil, nil
		f(records, tables)
	}
}

// Len returns the number of records.
func (b *Batch) Len() int { return len(b.records) }

// Flush reports whether the batch ends with a flush.
func (b *Batch) Flush() bool { return b.flush }

// Record returns record i, to be read only.
func (b *Batch) Record(i int) *Record { return &b.records[i] }

// Table returns the decoded columns of a source, nil if the batch has no record of it.
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
