package kafka

import (
	"slices"

	"parallax/shadow/evidence"
)

// Processed returns the offsets that were emitted, by topic and partition, without the
// topic-partitions of which nothing was emitted. After a run without an error all of them are
// committed. It may be called once the run has ended.
func (t *Task) Processed() []evidence.OffsetRange {
	var list []evidence.OffsetRange
	for _, tp := range t.order {
		if from, next := t.parts[tp].begin, t.out.ends.At(tp).next; next > from {
			list = append(list, evidence.OffsetRange{TopicPartition: tp, From: from, To: next - 1})
		}
	}
	return list
}

// DeadLetterTopics returns the names of the job's dead-letter topics. A topic is created with its
// first dead letter. A job that writes nothing has no such topics.
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
