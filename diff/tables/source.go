package tables

import "context"

// Record is one record of a side. It is valid during the visit.
type Record struct {
	Partition int32
	Offset    int64
	// Timestamp is the record's own, in ms.
	Timestamp int64
	// Key and Value are bytes; a nil Value is a deletion.
	Key, Value []byte
	// Window is the window in a file's line, nil for none.
	Window *Window
}

// Window is [Start, End), in ms.
type Window struct{ Start, End int64 }

// Source is a side that can be read several times, each time with the same records: those
// that were there when it was opened.
type Source interface {
	// Name is for messages, Topic for the topics of rules.
	Name() string
	Topic() string
	// Offsets is how many offsets there are between the source's beginning and end, with
	// those that have no record.
	Offsets() int64
	// Read visits the records, those of a partition in their order, until visit returns an
	// error, which Read returns.
	Read(ctx context.Context, visit func(*Record) error) error
}

// Ledger counts the offsets of one side. Each is in exactly one bucket.
type Ledger struct {
	// Matched rows are the last ones of their identity, and equal to the other side's. So
	// are the last rows of identities that are deleted here and not present there.
	Matched int64 `json:"matched"`
	// Tolerated rows differ only in what rules tolerate.
	Tolerated int64 `json:"tolerated"`
	// Differing rows have another row on the other side, Alone ones none.
	Differing int64 `json:"differing"`
	Alone     int64 `json:"alone"`
	// Superseded rows were followed by another row of their identity.
	Superseded int64 `json:"superseded"`
	// Undecodable records have no identity or value.
	Undecodable int64 `json:"undecodable"`
	// SampledOut records belong to identities that did not fit into the memory.
	SampledOut int64 `json:"sampled_out"`
	// WithoutRecord are offsets of transaction markers, aborted transactions, and records
	// that compaction removed.
	WithoutRecord int64 `json:"without_record"`
}

// Offsets is the sum of all buckets.
func (l Ledger) Offsets() int64 {
	return l.Matched + l.Tolerated + l.Differing + l.Alone + l.Superseded + l.Undecodable + l.SampledOut + l.WithoutRecord
}
