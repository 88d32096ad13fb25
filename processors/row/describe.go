package row

import (
	"fmt"
	"strings"
)

// describedMost is the largest number of topic-partitions in a message.
const describedMost = 8

// Offsets returns the batch's offsets for messages, by topic-partition in order of
// appearance: "trades/0@17..42, trades/1@3..9".
func (b *Batch) Offsets() string {
	switch {
	case b.flush:
		return "the flush"
	case len(b.records) == 0:
		return "no records"
	}
	type span struct {
		at        TopicPartition
		low, high int64
	}
	var spans []span
	index := map[TopicPartition]int{}
	for i := range b.records {
		r := &b.records[i]
		at, seen := index[r.TopicPartition]
		if !seen {
			at = len(spans)
			index[r.TopicPartition] = at
			spans = append(spans, span{r.TopicPartition, r.Offset, r.Offset})
		}
		spans[at].low = min(spans[at].low, r.Offset)
		spans[at].high = max(spans[at].high, r.Offset)
	}
	texts := make([]string, 0, describedMost+1)
	for i, s := range spans {
		if i == describedMost {
			texts = append(texts, fmt.Sprintf("and %d more", len(spans)-describedMost))
			break
		}
		texts = append(texts, fmt.Sprintf("%s/%d@%d..%d", s.at.Topic, s.at.Partition, s.low, s.high))
	}
	return strings.Join(texts, ", ")
}

// Describe returns a batch's number and offsets for messages: "batch 3 (trades/0@17..42)".
func (b *Batch) Describe() string {
	return fmt.Sprintf("batch %d (%s)", b.Seq, b.Offsets())
}
