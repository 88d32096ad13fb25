package row

import "iter"

// Slices cuts a batch into parts of at most size records each, as even as possible, and
// yields each with the index of its first record in the batch. The parts lie in the
// batch's memory. Only the last one has the batch's flush, and says what is settled. A
// batch that is no longer than size is its own only part, as is one without records.
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

// SliceCount is how many parts Slices yields.
func (b *Batch) SliceCount(size int) int { return max(1, (b.Len()+size-1)/size) }

// slice is the part of records [from, to).
func (b *Batch) slice(from, to int) *Batch {
	part := &Batch{Seq: b.Seq, First: b.First + int64(from), records: b.records[from:to:to], tables: b.tables, settled: NoWatermark}
	if to == b.Len() {
		part.flush, part.settled = b.flush, b.settled
	}
	return part
}

// RowsAhead is how many rows to make room for where the first records of the batch made
// so many: as many for each of the other records, but at most one, since what time closes
// with the first records says nothing of the others.
func (b *Batch) RowsAhead(records, rows int) int {
	if records == 0 {
		return 0
	}
	left := b.Len() - records
	return min(left, int(int64(rows)*int64(left)/int64(records)))
}
