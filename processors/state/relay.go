package state

import "slices"

// Relay is how far a stage that follows others has come. All of it is the same in
// V1 and V2.
type Relay struct {
	// Next is the position of the next record of the stage's batches.
	Next int64 `json:"next"`
	// Watermark is the stage's; Now what NOW() gives after the last record, which at
	// the flush it still does.
	Watermark int64 `json:"watermark"`
	Now       int64 `json:"now"`
	// Rows counts the rows so far of each input, Seen is the largest timestamp of
	// each stream that it follows. Both are nil at the start.
	Rows []int64 `json:"rows"`
	Seen []int64 `json:"seen"`
}

// Clone returns a copy that shares nothing.
func (r Relay) Clone() Relay {
	r.Rows, r.Seen = slices.Clone(r.Rows), slices.Clone(r.Seen)
	return r
}
