package row

import "iter"

// Slices cuts a batch into parts of at most size records, as evenly as possible, and yields
// each with the index of its first record in the batch. The parts share the batch's memory.
// Only the last one has the batch's flush and Settled. If a batch has at most size records,
// or none, its only part is the batch itself.
func (b *Batch) Slices(size int) iter.Seq2[int, *Batch] {
	return func(yield func(from int, part *Batch) bool) {
		n := b.Len()
		parts := b.SliceCount(size)
		if parts == 1 {
			yield(0, b)
			return
		}
		for k := range parts {
			from, to := k*n/parts, (k+1)*n/parts
			if !yield(from, b.slice(from, to)) {
				return
			}
		}
	}
}

// SliceCount returns how many parts Slices yields.
func (b *Batch) SliceCount(size int) int { return max(1, (b.Len()+size-1)/size) }

// slice returns the part with records [from, to).
func (b *Batch) slice(from, to int) *Batch {
	part := &Batch{Seq: b.Seq, First: b.First + int64(from), records: b.records[from:to:to], tables: b.tables, settled: NoWatermark}
	if to == b.Len() {
		part.flush, part.settled = b.flush, b.settled
	}
	return part
}

// RowsAhead estimates how many more rows the batch will have, given the number of rows of
// its first records: at the same rate, but at most one for each record, because the rows by
// closed windows among the first ones say nothing about the rest.
func (b *Batch) RowsAhead(records, rows int) int {
	if records == 0 {
		return 0
	}
	left := b.Len() - records
	return min(left, int(int64(rows)*int64(left)/int64(records)))
}
