package row

import "slices"

// Format is how keys or values are written on a topic.
type Format uint8

// The formats. FormatKafka is Kafka's own primitive serialisation of a single
// column; FormatNone reads and writes no key at all.
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
	// Table says that it is a changelog by primary key.
	Table bool
	// Windowed says that it is what a query makes of windows: its last two columns
	// are the window's bounds, in ms.
	// Session and Grace are then its sink's.
	Windowed, Session bool
	Grace             int64
	KeyFormat, Format Format
	// KeyDelimiter and Delimiter part the fields of DELIMITED keys and values.
	KeyDelimiter, Delimiter string
	// Bare says that a JSON value is that of the one column, not an object
	// (wrap_single_value=false).
	Bare    bool
	Columns []Column
	// Key[i] says that column i is read from the record's key, not its value.
	Key []bool
	// Headers are the columns that are read from the record's headers.
	Headers []HeaderColumn
	// Needed[i] says that a query, or Timestamp, needs column i. The rest are
	// not decoded and not judged.
	Needed []bool
	// Keyed[i] says that keys are made of column i: groups, partitions, the keys of
	// rows, what joins compare. nil: of none. RowKeyed says it of the key's bytes as
	// text, _KEY.
	Keyed    []bool
	RowKeyed bool
	// Timestamp is the column that holds event time, -1 for the record's own
	// timestamp. TimestampFormat is Java's pattern of a STRING one, TimestampUnit what
	// the numbers of a BIGINT one count.
	Timestamp       int
	TimestampFormat string
	TimestampUnit   TimeUnit
	// TimestampPath leads from a STRUCT column to the field inside it that holds event
	// time: each is a field's number. Empty where the column is not a STRUCT.
	TimestampPath []int
}

// HeaderColumn is a column that is read from a record's headers: all of them, as
// ARRAY<STRUCT<KEY STRING, VALUE BYTES>>, or the last one of a name, as BYTES.
type HeaderColumn struct {
	Column int
	All    bool
	Name   string
}

// InValue reports whether column i is read from the record's value.
func (s *Source) InValue(i int) bool {
	return !s.Key[i] && !slices.ContainsFunc(s.Headers, func(h HeaderColumn) bool { return h.Column == i })
}

// IsKeyed reports whether texts of column i become keys, so that they must be UTF-8:
// where keys are written, two that are not could become one.
func (s *Source) IsKeyed(i int) bool { return s.Key[i] || s.Keyed != nil && s.Keyed[i] }

// Sink is an output topic: what its records are made of.
type Sink struct {
	Name  string // of the stream or table
	Topic string
	// Table says that the topic is a table's changelog: it is created compacted.
	Table bool
	// Key are the key's columns, in GROUP BY order; none: records have no key.
	Key []Column
	// Values are the selected columns, key columns included.
	Values []Column
	// InValue[i] is false where column i is a key column that the value leaves
	// out (key_in_value=false); nil: all are in.
	InValue []bool
	// FromKey[i] is the key column that value column i always equals, -1 for none;
	// nil: that is not known of any.
	FromKey []int
	// Windowed says that the key has a window; Session that its end is part of
	// the key's bytes.
	Windowed, Session bool
	KeyFormat, Format Format
	// KeyDelimiter and Delimiter part the fields of DELIMITED keys and values.
	KeyDelimiter, Delimiter string
	// Bare says that a JSON value is that of the one column, not an object
	// (wrap_single_value=false).
	Bare bool
	// Time is the column that the records' timestamps come from; nil: they are the
	// rows' event times.
	Time *SinkTime
	// Partitions and Replicas are for creating the topic; 0 takes the source's.
	Partitions, Replicas int
	// Grace, in ms, is how long after its end a window's rows may still change.
	Grace int64
	// Final says EMIT FINAL: a window's rows come when they can change no more.
	Final bool
	// AnyPartition says that rows of one key may come from any of V2's
	// partitions: no state holds them together.
	AnyPartition bool
	// WindowScope says emit_scope='window': only the current value counts, and
	// paths are compared at E3.
	WindowScope bool
}
