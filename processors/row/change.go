package row

import "cmp"

// Change is one row of a path's changelog. Its slices belong to its Outcome and are not
// modified afterwards.
type Change struct {
	// Position, Phase, Query, Step, Window and Ordinal are the change's place in the total
	// order (see CompareOrder). Phase 0 is for changes by the passing of time, phase 1 for
	// changes by the record. Step 0 is for retractions and undo, 1 for the rest.
	Position int64
	Phase    uint8
	Step     uint8
	// Query is the index of the query in the plan, which also selects the sink.
	Query uint16
	// Ordinal distinguishes several changes of one key at one place.
	Ordinal uint32
	// WindowStart and WindowEnd, in ms, are 0 if the sink is not windowed.
	WindowStart, WindowEnd int64
	// Key are the sink's key columns; nil if it has none.
	Key []Value
	// Written caches the encoded Key. It is stored with the key and shared by the changes
	// of that key; nil if only this change has the key. All changes of one processor are
	// encoded on one goroutine.
	Written *Written
	// Values are the sink's columns; nil for a deletion (a null value).
	Values []Value
	// Timestamp, in ms, is the largest event time of the row's inputs.
	Timestamp int64
	// Cause is the index in the batch of the record that caused the change, directly or by
	// advancing the watermark; -1 for the flush.
	Cause int32
	// Partition is the V2 partition that made the change, 0 in V1. It is evidence, not part
	// of the row.
	Partition int32
}

// Written is the encoded form of a key that occurs repeatedly: the record's key, and the
// beginning of its value. It is stored with the key's tuple, whose address does not change
// while Written is in use.
type Written struct {
	By         any // the encoder
	Key, Value []byte
	// Compared is what the comparison caches about a key of V1, used on the comparison's
	// goroutine only. For V2 it uses neither this nor Hash, because V2 could modify them.
	Compared any
	// Hash is the hash of the key, for the sampler; 0 before it is computed.
	Hash uint64
}

// Deleted reports whether the change is a deletion.
func (c *Change) Deleted() bool { return c.Values == nil }

// CompareOrder is the total order of outputs: position, phase, query, step, window end,
// window start, key, ordinal. V1 emits in this order; merge restores it for V2.
func CompareOrder(a, b *Change) int {
	if c := cmp.Compare(a.Position, b.Position); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Phase, b.Phase); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Query, b.Query); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Step, b.Step); c != 0 {
		return c
	}
	if c := cmp.Compare(a.WindowEnd, b.WindowEnd); c != 0 {
		return c
	}
	if c := cmp.Compare(a.WindowStart, b.WindowStart); c != 0 {
		return c
	}
	if c := CompareKeys(a.Key, b.Key); c != 0 {
		return c
	}
	return cmp.Compare(a.Ordinal, b.Ordinal)
}

// EqualRow reports whether two changes are the same row: they have equal sink, key, window,
// value and timestamp. Cause and partition are evidence, not part of the row.
func EqualRow(a, b *Change) bool {
	return a.Query == b.Query && a.WindowStart == b.WindowStart && a.WindowEnd == b.WindowEnd &&
		a.Timestamp == b.Timestamp && a.Deleted() == b.Deleted() &&
		EqualValues(a.Key, b.Key) && EqualValues(a.Values, b.Values)
}

// Disposition is the effect of a record on a path.
type Disposition uint8

// The dispositions, from weakest to strongest: of several queries' dispositions the
// strongest is recorded. DispositionNone is for records that the path does not see because
// they are undecodable.
const (
	DispositionNone Disposition = iota
	Filtered
	Late
	StateOnly
	Output
	Failed
)

func (d Disposition) String() string {
	return [...]string{"none", "filtered", "late", "state", "output", "error"}[d]
}

// DeadLetter is a record that a path refused under on_error or late: dlq.
type DeadLetter struct {
	Record int // index in the batch
	Reason string
}

// MostStrays is the largest number of dropped or moved rows that an outcome records.
const MostStrays = 8

// Stray is a row that merge dropped, because another row has the same place in the total
// order, or moved, because it arrived after rows that come later in that order.
type Stray struct {
	Change Change
	// Dropped: the row was dropped, otherwise moved.
	Dropped bool
	// KeptFrom is the partition of the row that was kept in place of a dropped one.
	KeptFrom int32
}

// Outcome is the result of a path for one batch.
type Outcome struct {
	Batch *Batch
	// Changes are in the total order.
	Changes []Change
	// Dispositions has one element for each record of the batch.
	Dispositions []Disposition
	DeadLetters  []DeadLetter
	// ExpressionErrors counts expressions whose error became NULL, or not true.
	ExpressionErrors int64
	// Late counts late (record, window) pairs.
	Late int64
	// ClosedWindows counts (key, window) states that were closed.
	ClosedWindows int64
	// Raw is the number of changes before merge; Deduplicated and Reordered are how many
	// merge dropped and moved. In V1 they are len(Changes), 0 and 0.
	Raw, Deduplicated, Reordered int64
	// Strays are rows that merge dropped or moved, as evidence, at most MostStrays of a
	// batch.
	Strays []Stray
	// Worked counts the records of the batch that each partition processed, where the path
	// has partitions: a record that several queries read is counted for the first of them.
	Worked []int64
	// Shares has one element for each record of the batch if the path processes a sample of
	// the keys; else it is nil.
	Shares []Share

	release func()
}

// OnRelease sets the function that Release calls to reuse the outcome's memory.
func (o *Outcome) OnRelease(f func()) { o.release = f }

// Release returns the outcome's memory to the processor that made it. It may not be used
// afterwards: clone the rows that you keep. An outcome that is never released is garbage
// collected.
func (o *Outcome) Release() {
	if f := o.release; f != nil {
		o.release = nil
		f()
	}
}
