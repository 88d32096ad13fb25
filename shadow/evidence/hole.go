package evidence

import (
	"bytes"
	"encoding/json"
)

// Hole is a stretch of the input for which there was no V2: what was not
// compared, and why.
type Hole struct {
	// From is the Seq of the first batch without an outcome of V2, To that of the
	// first batch that the next V2 got, NoBatch where none came.
	From BatchNumber `json:"from_batch"`
	To   BatchNumber `json:"to_batch"`
	// Records were not compared, Batches held them. Records that are in a bucket
	// of their own whatever V2 does (undecodable, v1_error, sampled_out) are not
	// counted.
	Records int64 `json:"records"`
	Batches int64 `json:"-"`
	// Reason is why V2 was detached, in a line; Shed whether for overload.
	Shed   bool   `json:"shed"`
	Reason string `json:"reason"`
	// Offsets are the smallest and largest of each topic-partition in the hole,
	// by topic and partition.
	Offsets []OffsetRange `json:"offsets"`
}

// BatchNumber is the Seq of a batch, or NoBatch, which is null in JSON.
type BatchNumber int64

// NoBatch is no batch.
const NoBatch BatchNumber = -1

// MarshalJSON writes the number, or null.
func (n BatchNumber) MarshalJSON() ([]byte, error) {
	if n == NoBatch {
		return []byte("null"), nil
	}
	return json.Marshal(int64(n))
}

// UnmarshalJSON reads the number, or null.
func (n *BatchNumber) UnmarshalJSON(text []byte) error {
	if bytes.Equal(text, []byte("null")) {
		*n = NoBatch
		return nil
	}
	return json.Unmarshal(text, (*int64)(n))
}
