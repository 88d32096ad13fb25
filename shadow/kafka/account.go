package kafka

import (
	"slices"

	"parallax/shadow/evidence"
)

// Processed returns what was emitted of each topic-partition, by topic and partition; of a
// run that ended without an error all of it has committed. Topic-partitions of which
// nothing was are left out. It may be called once the run is over.
func (t *Task) Processed() []evidence.OffsetRange {
	var list []evidence.OffsetRange
	for _, tp := range t.order {
		if from, next := t.parts[tp].begin, t.out.ends.At(tp).next; next > from {
			list = append(list, evidence.OffsetRange{TopicPartition: tp, From: from, To: next - 1})
		}
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
