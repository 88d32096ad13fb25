package relay

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// arrange sorts the rows of one position and phase, which are in the order in which the
// stage made them, into the total order. Rows of one key and window keep their relative
// order, so that a reader of the key sees the same last row: a retraction that follows a
// row of its own key does not get step 0.
func arrange(rows []row.Change) {
	if len(rows) < 2 {
		return
	}
	slices.SortStableFunc(rows, func(a, b row.Change) int { return compareIdentity(&a, &b) })
	for from := 0; from < len(rows); {
		to := from + 1
		step := rows[from].Step
		rows[from].Ordinal = 0
		for to < len(rows) && compareIdentity(&rows[from], &rows[to]) == 0 {
			step = max(step, rows[to].Step)
			rows[to].Step, rows[to].Ordinal = step, uint32(to-from)
			to++
		}
		from = to
	}
	slices.SortStableFunc(rows, func(a, b row.Change) int { return row.CompareOrder(&a, &b) })
}

// compareIdentity orders rows by sink, window and key, which identify a row for a reader.
func compareIdentity(a, b *row.Change) int {
	return cmp.Or(
		cmp.Compare(a.WindowEnd, b.WindowEnd),
		cmp.Compare(a.WindowStart, b.WindowStart),
		row.CompareKeys(a.Key, b.Key),
	)
}
