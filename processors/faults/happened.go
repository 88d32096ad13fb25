package faults

import (
	"slices"

	"parallax/processors/partitions"
	"parallax/processors/row"
)

// Happened reports whether the fault has done anything in the V2s that were made with it:
// its range may begin after the last record, or the data may lack what it acts on. A fault
// of V2 as a whole has always happened.
func (f *Fault) Happened() bool { return f.whole || f.origin.acted.Load() }

// acted notes that the fault did something.
func (s *span) acted() {
	if !s.origin.acted.Load() { // several partitions' goroutines come here, often
		s.origin.acted.Store(true)
	}
}

// watched returns hooks that note when they do something: another partition for a record,
// or a batch that a partition does not see.
func (s *span) watched(hooks partitions.Hooks) partitions.Hooks {
	if route := hooks.Route; route != nil {
		hooks.Route = func(query int, b *row.Batch, i, partition int) int {
			to := route(query, b, i, partition)
			if to != partition {
				s.acted()
			}
			return to
		}
	}
	if before := hooks.Before; before != nil {
		hooks.Before = func(partition, query int, b *row.Batch, mine []int32) bool {
			sees := before(partition, query, b, mine)
			if !sees {
				s.acted()
			}
			return sees
		}
	}
	return hooks
}

// sameRows reports whether both are equal rows from the same partitions, in the same order.
func sameRows(a, b []row.Change) bool {
	return slices.EqualFunc(a, b, func(x, y row.Change) bool { return x.Partition == y.Partition && row.EqualRow(&x, &y) })
}
