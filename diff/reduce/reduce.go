// Package reduce makes an input that fails smaller as long as what is left still fails:
// delta debugging. It knows nothing of what the input is; scripts with their records and
// the causes of divergences are reduced by it alike. It imports nothing of ours.
//
// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
// IEEE Transactions on Software Engineering 28 (2002).
//
// Stability: stable.
package reduce

import (
	"context"
	"slices"
)

// List leaves elements out of a list that fails, large pieces first, and returns what is
// left, in order: no single element of it can be left out. fails must not write to the
// list. When ctx ends, the shortest list that failed so far is returned.
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

// Climb takes, of the candidates to take the place of x, the first one that is smaller
// and fails, and goes on with that. candidate returns the one of a number, from 0, and
// false beyond the last; after one was taken the same number is asked for again, since
// the candidates are others now. It ends because each step is smaller by size, or when
// ctx ends.
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
