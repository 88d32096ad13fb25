package diff

import (
	"fmt"
	"slices"
)

// Origin describes where the root divergences are.
type Origin struct {
	// FirstBatch and LastBatch are the batches with the first and the last root.
	FirstBatch int64 `json:"first_batch"`
	LastBatch  int64 `json:"last_batch"`
	// V2Partitions are all partitions of the roots, at most mostOrigins of them; nil if the
	// roots have none.
	V2Partitions []int32 `json:"v2_partitions,omitempty"`
	// unknown: a root has no partition, or there are too many.
	unknown bool
}

// mostOrigins bounds the partitions that are listed.
const mostOrigins = 64

// note adds one root of a batch with its partitions. States are compared later than rows, so
// the batches need not ascend.
func (o *Origin) note(first bool, batch int64, partitions []int32) {
	if first {
		o.FirstBatch, o.LastBatch = batch, batch
	}
	o.FirstBatch, o.LastBatch = min(o.FirstBatch, batch), max(o.LastBatch, batch)
	for _, p := range partitions {
		if !slices.Contains(o.V2Partitions, p) {
			o.V2Partitions = append(o.V2Partitions, p)
		}
	}
	o.unknown = o.unknown || len(partitions) == 0 || len(o.V2Partitions) > mostOrigins
	if o.unknown {
		o.V2Partitions = nil
	}
}

// Text describes the origin in words; "" if the roots have neither batch nor partition in
// common.
func (o *Origin) Text() string {
	if o == nil {
		return ""
	}
	oneBatch, onePartition := o.FirstBatch == o.LastBatch, len(o.V2Partitions) == 1
	switch {
	case oneBatch && onePartition:
		return fmt.Sprintf("all roots begin in batch %d, partition %d", o.FirstBatch, o.V2Partitions[0])
	case onePartition:
		return fmt.Sprintf("all roots are in partition %d, the first one in batch %d", o.V2Partitions[0], o.FirstBatch)
	case oneBatch:
		return fmt.Sprintf("all roots begin in batch %d", o.FirstBatch)
	}
	return ""
}
