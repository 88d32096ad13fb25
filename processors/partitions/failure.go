package partitions

import (
	"errors"
	"runtime/debug"

	"parallax/processors"
	"parallax/processors/row"
)

// ErrClosed is returned by a V2 after Close.
var ErrClosed = errors.New("v2: closed")

// errGoexit is the error of a goroutine of V2 that ended without a return or a panic.
var errGoexit = errors.New("the goroutine was ended (runtime.Goexit)")

// panicked returns the error of a goroutine that did not return. value is the recovered
// value, nil if the goroutine was ended. A second panic here would end the process, so it
// must handle every state: a job that is processed twice has no batch.
func panicked(value any, partition int, step string, b *row.Batch) *processors.PanicError {
	if value == nil {
		value = errGoexit
	}
	e := &processors.PanicError{Partition: partition, Step: step, Batch: -1, Records: "no batch", Value: value, Stack: debug.Stack()}
	if b != nil {
		e.Batch, e.Records = b.Seq, b.Offsets()
	}
	return e
}
