package row

import (
	"cmp"
	"slices"
)

// SortDeadLetters puts dead letters in the order of their records. A record that several
// queries refuse gets one dead letter for each reason.
func SortDeadLetters(letters []DeadLetter) []DeadLetter {
	slices.SortStableFunc(letters, func(a, b DeadLetter) int {
		return cmp.Or(cmp.Compare(a.Record, b.Record), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(letters)
}
