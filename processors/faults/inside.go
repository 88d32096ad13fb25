package faults

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync/atomic"

	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
)

// Faults of the coordinator and of the partitions.

// splitKey routes by position instead of by key. It is the position's hash, not
// a plain turn, so that keys that come in turn do not stay whole by accident.
func splitKey(s *span) inside {
	return inside{routes: "the fault routes by the record's position, whatever its key", hooks: partitions.Hooks{
		Route: func(_ int, b *row.Batch, i, partition int) int {
			position := b.First + int64(i)
			if !s.strikes(position) {
				return partition
			}
			var buf [8]byte
			binary.BigEndian.PutUint64(buf[:], uint64(position))
			return int(row.HashKey(buf[:]) % uint64(s.partitions))
		},
	}}
}

// overSplit routes the records of a query with OVER by the first column that the
// query needs and PARTITION BY does not have; without one they stay where they are.
func overSplit(s *span) inside {
	var columns []int
	for _, q := range s.plan.Stages {
		column := -1
		if q.Inputs == nil {
			column = otherColumn(q, s.plan.Sources[q.Source].Needed)
		}
		columns = append(columns, column)
	}
	return inside{routes: "the fault routes by another column than that of PARTITION BY", hooks: partitions.Hooks{
		Route: func(query int, b *row.Batch, i, partition int) int {
			if columns[query] < 0 || !s.strikes(b.First+int64(i)) {
				return partition
			}
			r := b.Record(i)
			v := b.Table(int(r.Source)).Columns[columns[query]].Value(int(r.Row))
			return int(row.Hash([]row.Value{v}) % uint64(s.partitions))
		},
	}}
}

// otherColumn is -1 where there is none.
func otherColumn(q *plan.Query, needed []bool) int {
	for i := range needed {
		if q.Over != nil && needed[i] && !slices.ContainsFunc(q.Over.PartitionBy, func(e plan.Expr) bool {
			c, ok := e.(*plan.Column)
			return ok && c.Index == i
		}) {
			return i
		}
	}
	return -1
}

// partitionDrop loses the partition that the first struck record goes to: its
// records, and time itself.
func partitionDrop(s *span) inside {
	lost := newVictim()
	return inside{
		swallowed: true,
		hooks: partitions.Hooks{
			Route: func(_ int, b *row.Batch, i, partition int) int {
				if !s.strikes(b.First + int64(i)) {
					return partition
				}
				if lost.orElse(partition) == partition {
					return -1
				}
				return partition
			},
			Before: func(partition, _ int, b *row.Batch, _ []int32) bool {
				return !s.strikes(b.First) || !lost.is(partition)
			},
		},
	}
}

// tailDrop does not let the partition of the last record see the flush.
func tailDrop(s *span) inside {
	last := newVictim()
	return inside{hooks: partitions.Hooks{
		Route: func(_ int, _ *row.Batch, _, partition int) int {
			last.set(partition)
			return partition
		},
		Before: func(partition, _ int, b *row.Batch, _ []int32) bool {
			return !b.Flush() || !s.strikes(b.First) || !last.is(partition)
		},
	}}
}

// panics makes the partition of the first struck record panic.
func panics(s *span) inside {
	return inside{hooks: strike(s, func(b *row.Batch, i int) {
		r := b.Record(i)
		panic(fmt.Sprintf("injected by fault panic at %s/%d@%d", r.Topic, r.Partition, r.Offset))
	})}
}

// hoard is the memory, in bytes, that a partition keeps for each affected record.
const hoard = 16 << 10

// memory keeps something of every struck record for good.
func memory(s *span) inside {
	kept := make([][][]byte, s.partitions)
	return inside{hooks: partitions.Hooks{
		Before: func(partition, query int, b *row.Batch, mine []int32) bool {
			for _, i := range mine {
				if query == 0 && s.strikes(b.First+int64(i)) {
					s.acted()
					kept[partition] = append(kept[partition], make([]byte, hoard))
				}
			}
			return true
		},
	}}
}

// strike calls do on the goroutine of the partition that the first struck
// record goes to, for each batch that brings it a struck record.
func strike(s *span, do func(b *row.Batch, i int)) partitions.Hooks {
	struck := newVictim()
	return partitions.Hooks{
		Route: func(_ int, b *row.Batch, i, partition int) int {
			if s.strikes(b.First + int64(i)) {
				struck.orElse(partition)
			}
			return partition
		},
		Before: func(partition, _ int, b *row.Batch, mine []int32) bool {
			for _, i := range mine {
				if s.strikes(b.First+int64(i)) && struck.is(partition) {
					s.acted()
					do(b, int(i))
					break
				}
			}
			return true
		},
	}
}

// victim is the partition that a fault has picked. The router picks it while it
// routes a batch, so every partition that gets to that batch knows.
type victim struct{ partition atomic.Int64 }

func newVictim() *victim {
	v := &victim{}
	v.partition.Store(-1)
	return v
}

func (v *victim) set(partition int) { v.partition.Store(int64(partition)) }

func (v *victim) is(partition int) bool { return v.partition.Load() == int64(partition) }

// orElse returns the victim, which is the given partition if there was none.
func (v *victim) orElse(partition int) int {
	v.partition.CompareAndSwap(-1, int64(partition))
	return int(v.partition.Load())
}
