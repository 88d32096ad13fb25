package relay

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// arrange sorts the rows of one position and phase, which are in the order in which
// they were made, into the total order. What was made of one key in one window
// stays in its order, so that the last of them is the last that a reader sees: a
// retraction that follows a row of its own key is no step before it.
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

// compareIdentity orders rows by what a sink's reader tells them apart by.
func compareIdentity(a, b *row.Change) int {
	return cmp.Or(
		cmp.Compare(a.WindowEnd, b.WindowEnd),
		cmp.Compare(a.WindowStart, b.WindowStart),
		row.CompareKeys(a.Key, b.Key),
	)
}
