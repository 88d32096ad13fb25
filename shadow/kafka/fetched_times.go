package kafka

import (
	"parallax/processors/row"
	"parallax/shadow/kafka/cluster"
)

// compares reports whether kafka.max_future compares event times of a topic's records
// with their own timestamps.
func (t *Task) compares(topic string) bool {
	for _, s := range t.plan.Sources {
		if s.Topic == topic {
			return s.Timestamp >= 0 && t.cfg.MaxFuture > 0
		}
	}
	return false
}

// largestBefore sets the field largest of the pieces of a fetch. of has the largest timestamp so
// far of each topic-partition, and is updated.
func largestBefore(list []*piece, of map[row.TopicPartition]int64) {
	for _, p := range list {
		at := row.TopicPartition{Topic: p.Topic, Partition: p.Partition}
		largest := of[at]
		p.largest = largest
		for _, r := range p.Records {
			if !r.Attrs.IsControl() {
				largest = max(largest, cluster.Millis(r.Timestamp))
			}
		}
		of[at] = largest
	}
}
