package processors

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

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
		Partition: partition, Step: step, Batch: b.Seq, Records: describeRecords(b),
		Value: value, Stack: debug.Stack(),
	}
}

// describeRecords names a batch's records by topic-partition in order of
// appearance: "trades/0@17..42, trades/1@3..9".
func describeRecords(b *row.Batch) string {
	if b.Flush() {
		return "the flush"
	}
	type span struct {
		at        row.TopicPartition
		low, high int64
	}
	var spans []span
	index := map[row.TopicPartition]int{}
	for i := range b.Len() {
		r := b.Record(i)
		at, seen := index[r.TopicPartition]
		if !seen {
			at = len(spans)
			index[r.TopicPartition] = at
			spans = append(spans, span{r.TopicPartition, r.Offset, r.Offset})
		}
		spans[at].low = min(spans[at].low, r.Offset)
		spans[at].high = max(spans[at].high, r.Offset)
	}
	const most = 8 // a message is read by people
	texts := make([]string, 0, most)
	for i, s := range spans {
		if i == most {
			texts = append(texts, fmt.Sprintf("and %d more", len(spans)-most))
			break
		}
		texts = append(texts, fmt.Sprintf("%s/%d@%d..%d", s.at.Topic, s.at.Partition, s.low, s.high))
	}
	if len(texts) == 0 {
		return "no records"
	}
	return strings.Join(texts, ", ")
}
