package kafka

import (
	"slices"

	"parallax/processors/row"
)

// Range is what a run processed of a topic-partition: the offsets from From up to To,
// which is the next one.
type Range struct {
	row.TopicPartition
	From, To int64
}

// Processed returns what was emitted of each topic-partition, by topic and partition; of a
// run that ended without an error all of it has committed. It may be called once the run
// is over.
func (t *Task) Processed() []Range {
	var list []Range
	for _, tp := range t.order {
		list = append(list, Range{tp, t.parts[tp].begin, *t.out.offsets.At(tp)})
	}
	return list
}

// DeadLetterTopics returns the names of the topics that the job's dead letters go to, which exist
// once there was one. A job that writes nothing has none.
func (t *Task) DeadLetterTopics() []string {
	if t.opt.NoOutput {
		return nil
	}
	var names []string
	for _, d := range t.out.dead {
		names = append(names, d.topic)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
