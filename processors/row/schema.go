package row

import "slices"

// Format is how keys or values are written on a topic.
type Format uint8

// The formats. FormatKafka is Kafka's own primitive serialisation of a single column.
// FormatNone neither reads nor writes a key.
const (
	FormatJSON Format = iota
	FormatKafka
	FormatDelimited
	FormatString
	FormatNone
)

func (f Format) String() string {
	return [...]string{"JSON", "KAFKA", "DELIMITED", "STRING", "NONE"}[f]
}

// Source is a declared stream: a topic, how it is read, and which of its
// columns the plan needs.
type Source struct {
	Name  string // upper case unless it was quoted
	Topic string
	// Table: the source is a changelog by primary key.
	Table bool
	// Windowed: the source is the output of a query with windows; its last two columns are
	// the window's bounds, in ms. Session and Grace are then the ones of that query's sink.
	Windowed, Session bool
	Grace             int64
	KeyFormat, Format Format
	// KeyDelimiter and Delimiter part the fields of DELIMITED keys and values.
	KeyDelimiter, Delimiter string
	// Bare: a JSON value is the value of the only column, not an object
	// (wrap_single_value=false).
	Bare    bool
	Columns []Column
	// Key[i]: column i is read from the record's key, not its value.
	Key []bool
	// Headers are the columns that are read from the record's headers.
	Headers []HeaderColumn
	// Needed[i]: a query, or Timestamp, needs column i. Other columns are neither decoded
	// nor checked.
	Needed []bool
	// Keyed[i]: column i becomes part of a key: a group, a partition, the key of a row, or
	// a column that a join compares. nil: no column does. RowKeyed is the same for _KEY,
	// the key's bytes as text.
	Keyed    []bool
	RowKeyed bool
	// Timestamp is the column with the event time, -1 for the record's own timestamp.
	// TimestampFormat is the Java pattern if it is a STRING, TimestampUnit the unit of the
	// numbers if it is a BIGINT.
	Timestamp       int
	TimestampFormat string
	TimestampUnit   TimeUnit
	// TimestampPath is the path from a STRUCT column to the field with the event time, as
	// field indexes. It is empty if the column is not a STRUCT.
	TimestampPath []int
}

// HeaderColumn is a column that is read from a record's headers: all of them, as
// ARRAY<STRUCT<KEY STRING, VALUE BYTES>>, or the last one with a name, as BYTES.
type HeaderColumn struct {
	Column int
	All    bool
	Name   string
}

// InValue reports whether column i is read from the record's value.
func (s *Source) InValue(i int) bool {
	return !s.Key[i] && !slices.ContainsFunc(s.Headers, func(h HeaderColumn) bool { return h.Column == i })
}

// IsKeyed reports whether the texts of column i become keys. Such texts must be UTF-8,
// because invalid bytes are replaced when keys are written and different keys could become
// one.
func (s *Source) IsKeyed(i int) bool { return s.Key[i] || s.Keyed != nil && s.Keyed[i] }

// Sink describes an output topic and its records.
type Sink struct {
	Name  string // of the stream or table
	Topic string
	// Table: the topic is a table's changelog and is created compacted.
	Table bool
	// Key are the columns of the key, in GROUP BY order; empty: records have no key.
	Key []Column
	// Values are the selected columns, key columns included.
	Values []Column
	// InValue[i] is false where column i is a key column that the value leaves
	// out (key_in_value=false); nil: all are in.
	InValue []bool
	// FromKey[i] is the key column that value column i always equals, -1 for none; nil:
	// none is known.
	FromKey []int
	// Windowed: the key has a window. Session: the window's end is part of the key's bytes.
	// Hopping: windows overlap.
	Windowed, Session, Hopping bool
	KeyFormat, Format          Format
	// KeyDelimiter and Delimiter part the fields of DELIMITED keys and values.
	KeyDelimiter, Delimiter string
	// Bare: a JSON value is the value of the only column, not an object
	// (wrap_single_value=false).
	Bare bool
	// Time is the column with the records' timestamps; nil: the timestamps are the rows'
	// event times.
	Time *SinkTime
	// Partitions and Replicas are used to create the topic; 0 uses the source's.
	Partitions, Replicas int
	// Grace, in ms, is how long after its end a window's rows may still change.
	Grace int64
	// Final is EMIT FINAL: the rows of a window are emitted once they can no longer change.
	Final bool
	// AnyPartition: rows of one key may come from any of V2's partitions, because no state
	// keeps them together.
	AnyPartition bool
	// WindowScope is emit_scope='window': only the final value of a key counts, and the
	// paths are compared at level E3.
	WindowScope bool
}
