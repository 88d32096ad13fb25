package faults

import (
	"parallax/processors/partitions"
	"parallax/processors/row"
)

// batchDrop loses the records of a batch that go to one partition if one that does
// not decode would have gone there as well. Such a record has no key, so its topic-partition decides.
// The partition still processes the watermarks of the batch.
func batchDrop(s *span) inside {
	type routed struct {
		seq  int64
		lost []bool // by partition
	}
	// Each stage's records are routed by one goroutine.
	stages := make([]routed, len(s.plan.Stages))
	for q := range stages {
		stages[q] = routed{seq: -1, lost: make([]bool, s.partitions)}
	}
	return inside{
		swallowed: true,
		hooks: partitions.Hooks{
			Route: func(query int, b *row.Batch, _, partition int) int {
				at := &stages[query]
				if at.seq != b.Seq {
					at.seq = b.Seq
					clear(at.lost)
					for i := range b.Len() {
						if r := b.Record(i); r.State == row.Undecodable && s.strikes(b.First+int64(i)) {
							at.lost[int(r.Partition)%s.partitions] = true
						}
					}
				}
				if at.lost[partition] {
					return -1
				}
				return partition
			},
		},
	}
}
