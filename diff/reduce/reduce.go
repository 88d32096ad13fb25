// Package reduce makes a failing input smaller while it still fails: delta debugging. It
// does not depend on the kind of input; it is used for scripts with their records and for
// the causes of divergences. It imports no other package of this repository.
//
// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE
// Transactions on Software Engineering 28 (2002).
//
// Stability: stable.
package reduce

import (
	"context"
	"slices"
)

// List removes elements from a failing list, large pieces first, and returns the rest, in
// order: removing any single further element makes it pass. fails must not modify the list.
// When ctx ends, the shortest failing list so far is returned.
func List[T any](ctx context.Context, list []T, fails func([]T) bool) []T {
	piece := max(1, len(list)/2)
	for {
		before := len(list)
		for i := 0; i+piece <= len(list); {
			if ctx.Err() != nil {
				return list
			}
			if fewer := slices.Concat(list[:i], list[i+piece:]); fails(fewer) {
				list = fewer
			} else {
				i += piece
			}
		}
		switch {
		case piece > 1:
			piece = (piece + 1) / 2
		case len(list) == before:
			return list
		}
	}
}

// Climb replaces x by the first candidate that is smaller and fails, and continues with
// that. candidate returns the candidate with a number, from 0, and false beyond the last.
// After a replacement it is called with the same number again, because the candidates have
// changed. Climb ends because each step is smaller by size, or when ctx ends.
func Climb[T any](ctx context.Context, x T, size func(T) int, candidate func(x T, n int) (T, bool), fails func(T) bool) T {
	for n := 0; ctx.Err() == nil; {
		next, ok := candidate(x, n)
		switch {
		case !ok:
			return x
		case size(next) < size(x) && fails(next):
			x = next
		default:
			n++
		}
	}
	return x
}

// Repeat runs the passes in turn until a round of them does not make x smaller, or ctx
// ends.
func Repeat[T any](ctx context.Context, x T, size func(T) int, passes ...func(T) T) T {
	for ctx.Err() == nil {
		before := size(x)
		for _, pass := range passes {
			x = pass(x)
		}
		if size(x) >= before {
			break
		}
	}
	return x
}
