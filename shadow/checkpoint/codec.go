package checkpoint

import (
	"iter"

	"parallax/processors/state"
)

// Codec writes and reads the entries of one stage.
type Codec interface {
	// Append appends the form of e.State; Hash and Partition are not part of it.
	Append(dst []byte, e state.Entry) []byte
	// Read reads what Append wrote and returns an entry with State alone. It must expect
	// any input, and keeps nothing of src.
	Read(src []byte) (state.Entry, error)
}

// Frozen is the state of a processor between two batches.
type Frozen struct {
	Position, Watermark int64
	Relays              []state.Relay
	// Stages has an element for each stage; each may be ranged over once.
	Stages []iter.Seq[state.Entry]
}
