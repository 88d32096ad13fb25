package faults

import (
	"parallax/processors/partitions"
	"parallax/processors/row"
)

// localWatermark gives each partition a clock of its own, by the rule of the
// source's: the smallest, over the topic-partitions that it has had records of, of
// the largest event time of its records. No flush reaches it: the last windows wait
// for records that do not come.
func localWatermark(s *span) inside {
	clocks := make([][]localClock, s.partitions)
	for p := range clocks {
		clocks[p] = make([]localClock, len(s.plan.Stages))
		for q := range clocks[p] {
			clocks[p][q] = localClock{hands: map[row.TopicPartition]int64{}, now: row.NoWatermark}
		}
	}
	return inside{hooks: partitions.Hooks{
		View: func(partition, query int, b *row.Batch, mine []int32) *row.Batch {
			if b.Flush() && !s.strikes(b.First+int64(b.Len())) {
				return b
			}
			c := &clocks[partition][query]
			return seen(b, len(s.plan.Sources), func(records []row.Record) { c.walk(records, mine, b.First, s) })
		},
	}}
}

// localClock is the clock of one partition's engine.
type localClock struct {
	hands map[row.TopicPartition]int64 // the largest event time of each
	now   int64
}

// walk sets the watermarks of a batch's records. Outside the fault's range the clock
// is the source's.
func (c *localClock) walk(records []row.Record, mine []int32, first int64, s *span) {
	for i := range records {
		r := &records[i]
		if len(mine) > 0 && int(mine[0]) == i {
			mine = mine[1:]
			if largest, seen := c.hands[r.TopicPartition]; !seen || r.EventTime > largest {
				c.hands[r.TopicPartition] = r.EventTime
			}
		}
		if !s.strikes(first + int64(i)) {
			c.now = max(c.now, r.Watermark)
		} else if len(c.hands) > 0 {
			lowest := int64(row.FinalWatermark)
			for _, largest := range c.hands {
				lowest = min(lowest, largest)
			}
			c.now = max(c.now, lowest)
		}
		if r.Watermark != c.now {
			s.acted()
		}
		r.Watermark = c.now
	}
}
