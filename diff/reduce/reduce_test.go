package reduce_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parallax/diff/reduce"
)

// has reports whether a list has all of some elements, in order.
func has(list, wanted []int) bool {
	for _, v := range list {
		if len(wanted) > 0 && v == wanted[0] {
			wanted = wanted[1:]
		}
	}
	return len(wanted) == 0
}

// TestListKeepsExactlyWhatFails: of a list that fails because of some elements, those are
// left.
func TestListKeepsExactlyWhatFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []int
		for i := range rapid.IntRange(1, 60).Draw(t, "length") {
			list = append(list, i)
		}
		wanted := rapid.SliceOfDistinct(rapid.IntRange(0, len(list)-1), func(i int) int { return i }).Draw(t, "wanted")
		slices.Sort(wanted)
		got := reduce.List(t.Context(), list, func(l []int) bool { return has(l, wanted) })
		if !slices.Equal(got, wanted) && len(got)+len(wanted) > 0 {
			t.Fatalf("%v is left, want %v", got, wanted)
		}
	})
}

// TestNoElementOfAReducedListCanBeLeftOut: a list that fails by the sum of its elements
// passes once any of them is left out.
func TestNoElementOfAReducedListCanBeLeftOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 40).Draw(t, "list")
		least := rapid.IntRange(0, sum(list)).Draw(t, "least")
		fails := func(l []int) bool { return sum(l) >= least }
		got := reduce.List(t.Context(), list, fails)
		if !fails(got) {
			t.Fatalf("%v does not fail", got)
		}
		for i := range got {
			if fails(slices.Concat(got[:i], got[i+1:])) {
				t.Fatalf("element %d of %v can be left out", i, got)
			}
		}
	})
}

func sum(list []int) (n int) {
	for _, v := range list {
		n += v
	}
	return n
}

// TestAnEndedContextReturnsTheSmallestSoFar, which fails.
func TestAnEndedContextReturnsTheSmallestSoFar(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	got := reduce.List(ctx, []int{1, 2, 3, 4, 5, 6, 7, 8}, func(l []int) bool {
		if tries++; tries == 2 {
			cancel()
		}
		return slices.Contains(l, 7)
	})
	if tries != 2 || !slices.Contains(got, 7) || len(got) > 4 {
		t.Errorf("%v is left after %d tries", got, tries)
	}
	if got := reduce.Climb(ctx, "abc", length, func(s string, _ int) (string, bool) { return s[1:], true }, func(string) bool { return true }); got != "abc" {
		t.Errorf("%q is left of a climb that had ended", got)
	}
}

func length(s string) int { return len(s) }

// TestClimbTakesNoCandidateThatIsNotSmaller: otherwise Climb might never end.
func TestClimbTakesNoCandidateThatIsNotSmaller(t *testing.T) {
	got := reduce.Climb(t.Context(), "abc", length, func(s string, n int) (string, bool) {
		return []string{s, s + "x", s[:len(s)-1]}[n%3], n < 3 && s != ""
	}, func(s string) bool { return strings.HasPrefix(s, "a") })
	if got != "a" {
		t.Errorf("%q is left, want a", got)
	}
}

// TestRepeatEndsWhenNothingBecomesSmaller: one pass may make another one useful.
func TestRepeatEndsWhenNothingBecomesSmaller(t *testing.T) {
	fails := func(s string) bool { return strings.Contains(s, "x") }
	shorter := func(s string) string {
		return reduce.Climb(t.Context(), s, length, func(s string, n int) (string, bool) {
			if n >= len(s) {
				return "", false
			}
			return s[:n] + s[n+1:], true
		}, fails)
	}
	rounds := 0
	got := reduce.Repeat(t.Context(), "abxcx", length, shorter, func(s string) string { rounds++; return s })
	if got != "x" || rounds != 2 {
		t.Errorf("%q is left after %d rounds, want x after 2", got, rounds)
	}
}
