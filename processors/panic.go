package processors

import "fmt"

// PanicError is a panic on one of V2's goroutines, with the place where it occurred.
type PanicError struct {
	// Partition is -1 for the coordinator itself; Step is what it was doing.
	Partition int
	Step      string
	// Batch is the batch's Seq, Records the offsets of its records by topic-partition.
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

// Unwrap returns the value of the panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
