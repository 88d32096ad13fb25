package kafka

import (
	"time"

	"parallax/processors/row"
)

// millisOf returns a fetched record's timestamp, in ms. The client makes a time.Time of
// it by way of nanoseconds, modulo 2^64, which wrap around in the year 2262. As those
// are ms * 10^6 = ms * 15625 * 2^6, ms is known modulo 2^58 all the same: exactly for
// any event time, and as some negative or huge number for most that are none.
func millisOf(t time.Time) int64 {
	const inverse = 0x790fb65668c26139 // of 15625 modulo 2^64
	ms := uint64(t.UnixNano()>>6) * inverse
	return int64(ms<<6) >> 6
}

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

// largestBefore sets largest of the pieces of a fetch. of is the largest timestamp so
// far of each topic-partition, which moves on.
func largestBefore(list []*piece, of map[row.TopicPartition]int64) {
	for _, p := range list {
		at := row.TopicPartition{Topic: p.Topic, Partition: p.Partition}
		largest := of[at]
		p.largest = largest
		for _, r := range p.Records {
			if !r.Attrs.IsControl() {
				largest = max(largest, millisOf(r.Timestamp))
			}
		}
		of[at] = largest
	}
}
