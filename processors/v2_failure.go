package processors

import (
	"errors"
	"fmt"
	"runtime/debug"

	"parallax/processors/row"
)

// ErrClosed is returned by a V2 that was closed.
var ErrClosed = errors.New("v2: closed")

// PanicError is a panic on one of V2's goroutines, and where it was.
type PanicError struct {
	// Partition is -1 for the coordinator itself; Step says what it did.
	Partition int
	Step      string
	// Batch is the batch's Seq, Records its offsets by topic-partition.
	Batch   int64
	Records string
	Value   any
	Stack   []byte
}

func (e *PanicError) Error() string {
	where := "coordinator"
	if e.Partition >= 0 {
		where = fmt.Sprintf("partition %d", e.Partition)
	}
	return fmt.Sprintf("v2: %s, %s: panic in batch %d (%s): %v", where, e.Step, e.Batch, e.Records, e.Value)
}

// Unwrap returns the panic's value where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// panicked makes the error of a panic that was just recovered from.
func panicked(value any, partition int, step string, b *row.Batch) *PanicError {
	return &PanicError{
		Partition: partition, Step: step, Batch: b.Seq, Records: b.Offsets(),
		Value: value, Stack: debug.Stack(),
	}
}
