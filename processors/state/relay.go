package state

import "slices"

// Relay is how far a stage that follows others has come. All of it is the same in
// V1 and V2.
type Relay struct {
	// Next is the position of the next record of the stage's batches.
	Next int64
	// Watermark is the stage's; Now what NOW() gives after the last record, which at
	// the flush it still does.
	Watermark, Now int64
	// Rows counts the rows so far of each input, Seen is the largest timestamp of
	// each stream that it follows. Both are nil at the start.
	Rows, Seen []int64
}

// Clone returns a copy that shares nothing.
func (r Relay) Clone() Relay {
	r.Rows, r.Seen = slices.Clone(r.Rows), slices.Clone(r.Seen)
	return r
}
