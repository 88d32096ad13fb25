package exec

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestClosingsComeOutEarliestFirst: no matter which are put in, put off and taken out.
func TestClosingsComeOutEarliestFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var heap closings
		var want []int64
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			at := rapid.Int64Range(0, 50).Draw(t, "at")
			switch {
			case len(want) == 0 || rapid.Bool().Draw(t, "push"):
				heap.push(closing{at: at})
				want = append(want, at)
			case rapid.Bool().Draw(t, "put off"):
				want[0] += at
				heap[0].at += at
				heap.sink()
			default:
				heap.pop()
				want = want[1:]
			}
			slices.Sort(want)
			if len(heap) != len(want) || len(want) > 0 && heap[0].at != want[0] {
				t.Fatalf("the earliest of %v is %v", want, heap)
			}
		}
	})
}
