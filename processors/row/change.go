package row

import "cmp"

// Change is one row of a path's changelog. Its slices belong to the Outcome it
// came in and are not written to afterwards.
type Change struct {
	// Position, Phase, Query, Step, Window and Ordinal are the change's place in
	// the total order (see CompareOrder). Phase 0 is what time closed, phase 1
	// what the record did. Step 0 is retractions and undo, 1 the rest.
	Position int64
	Phase    uint8
	Step     uint8
	// Query is the index of the plan's query that made it, and with it the sink.
	Query uint16
	// Ordinal tells several changes of one key at one place apart.
	Ordinal uint32
	// WindowStart and WindowEnd, in ms, are 0 where the sink is not windowed.
	WindowStart, WindowEnd int64
	// Key are the sink's key columns; nil where it has none.
	Key []Value
	// Written is room for what an encoder writes of Key, which is kept with the
	// key; nil where the key is this change's only. Whoever encodes changes of one
	// processor does so on one goroutine.
	Written *Written
	// Values are the sink's columns; nil for a deletion (a null value).
	Values []Value
	// Timestamp, in ms, is the largest event time of the row's inputs.
	Timestamp int64
	// Cause is the index in the batch of the record that made the change or
	// moved the watermark that did; -1 for the flush.
	Cause int32
	// Partition is V2's partition that made it, 0 in V1. It is evidence, not
	// part of the row.
	Partition int32
}

// Written is what an encoder has written of a key that comes again and again:
// the record's key, and the beginning of its value. The key's tuple is kept with
// it, and is the same one, at the same place, as long as Written is there.
type Written struct {
	By         any // the encoder
	Key, Value []byte
	// Compared is what the comparison knows of a key of V1, used on the comparison's
	// goroutine only. Of V2 it uses neither this nor Hash: those are in V2's memory.
	Compared any
	// Hash is that of the key, for the sampler; 0 before it is computed.
	Hash uint64
}

// Deleted reports whether the change is a deletion.
func (c *Change) Deleted() bool { return c.Values == nil }

// CompareOrder is the total order of outputs: position, phase, query, step,
// window end, window start, key, ordinal. V1 emits in it; merge restores it.
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

// EqualRow reports whether two changes are the same row: sink, key, window,
// value and timestamp. Cause and partition are evidence, not part of it.
func EqualRow(a, b *Change) bool {
	return a.Query == b.Query && a.WindowStart == b.WindowStart && a.WindowEnd == b.WindowEnd &&
		a.Timestamp == b.Timestamp && a.Deleted() == b.Deleted() &&
		EqualValues(a.Key, b.Key) && EqualValues(a.Values, b.Values)
}

// Disposition is what a path did with a record.
type Disposition uint8

// The dispositions, the stronger the larger: over several queries the
// strongest wins. DispositionNone is of a record that the path did not see
// because it is undecodable.
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

// DeadLetter is a record that a path refused, under on_error or late: dlq.
type DeadLetter struct {
	Record int // index in the batch
	Reason string
}

// MostStrays is how many of the rows of a batch that merge dropped or moved are kept.
const MostStrays = 8

// Stray is a row that merge dropped, because another one has the same place in the total
// order, or moved, because it came after rows that belong behind it.
type Stray struct {
	Change Change
	// Dropped says that it was dropped, else it was moved.
	Dropped bool
	// KeptFrom is the partition of the row that has the place of one that was dropped.
	KeptFrom int32
}

// Outcome is all that a path says of one batch.
type Outcome struct {
	Batch *Batch
	// Changes are in the total order.
	Changes []Change
	// Dispositions has one element for each record of the batch.
	Dispositions []Disposition
	DeadLetters  []DeadLetter
	// ExpressionErrors counts expressions that became NULL, or not true, by an
	// error.
	ExpressionErrors int64
	// Late counts (record, window) pairs that came too late.
	Late int64
	// ClosedWindows counts (key, window) states that were closed.
	ClosedWindows int64
	// Raw is the number of changes before merge; Deduplicated and Reordered are
	// what merge dropped and moved. All are len(Changes), 0, 0 in V1.
	Raw, Deduplicated, Reordered int64
	// Strays are some of the rows that merge dropped or moved, at most MostStrays of a
	// batch, as evidence.
	Strays []Stray
	// Shares has one element for each record of the batch where the path was given a
	// part of the keys; else it is nil.
	Shares []Share

	release func()
}

// OnRelease says what takes the outcome's memory back.
func (o *Outcome) OnRelease(f func()) { o.release = f }

// Release gives the outcome's memory back to the processor that made it. The
// caller is the last one that looks at it: whoever keeps a row of it beyond has
// cloned it. An outcome that nobody releases is the garbage collector's.
func (o *Outcome) Release() {
	if f := o.release; f != nil {
		o.release = nil
		f()
	}
}
