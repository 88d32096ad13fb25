package evidence

import (
	"bytes"
	"encoding/json"
)

// Hole is a part of the input without a V2, which was not compared, with the reason.
type Hole struct {
	// From is the Seq of the first batch without an outcome of V2, To the Seq of the first
	// batch of the next V2, NoBatch if there was no next one.
	From BatchNumber `json:"from_batch"`
	To   BatchNumber `json:"to_batch"`
	// Records is the number of records that were not compared, in Batches batches. Records
	// that are in another bucket independent of V2 (undecodable, v1_error, sampled_out) are
	// not counted.
	Records int64 `json:"records"`
	Batches int64 `json:"-"`
	// Reason is why V2 was detached, in one line. Shed: it was detached for overload.
	Shed   bool   `json:"shed"`
	Reason string `json:"reason"`
	// Offsets are the smallest and largest of each topic-partition in the hole,
	// by topic and partition.
	Offsets []OffsetRange `json:"offsets"`
}

// BatchNumber is the Seq of a batch, or NoBatch, which is null in JSON.
type BatchNumber int64

// NoBatch means that there is no such batch.
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
