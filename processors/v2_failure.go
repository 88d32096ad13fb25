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
	return fmt.Sprintf("v2: %s, %s: panic in batch %d (%s): %s", where, e.Step, e.Batch, e.Records, TextOf(e.Value, func() string { return fmt.Sprint(e.Value) }))
}

// TextOf asks an error or a panic's value of V2 for its text. Where asking panics, the
// text is its type.
func TextOf(value any, ask func() string) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a %T, which panics when it is asked for its text", value)
		}
	}()
	return ask()
}

// Unwrap returns the panic's value where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// errGoexit is what ends a goroutine of V2 that neither returned nor panicked.
var errGoexit = errors.New("the goroutine was ended (runtime.Goexit)")

// panicked makes the error of a goroutine that did not return: value is what it
// recovered from, nil where it was ended. It runs where a second panic would end the
// process, so it takes nothing for granted: a job that is processed twice has no batch.
func panicked(value any, partition int, step string, b *row.Batch) *PanicError {
	if value == nil {
		value = errGoexit
	}
	e := &PanicError{Partition: partition, Step: step, Batch: -1, Records: "no batch", Value: value, Stack: debug.Stack()}
	if b != nil {
		e.Batch, e.Records = b.Seq, b.Offsets()
	}
	return e
}
