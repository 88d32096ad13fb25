package window

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// starts are the windows that Hopping names.
func starts(t, size, advance int64) (list []int64) {
	first, last := Hopping(t, size, advance)
	for s := first; s <= last; s += advance {
		list = append(list, s)
	}
	return list
}

func TestATimeIsInEachHoppingWindowThatCoversIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(-5, 500).Draw(t, "time")
		size := rapid.Int64Range(1, 60).Draw(t, "size")
		advance := rapid.Int64Range(1, 60).Draw(t, "advance")
		var want []int64
		for s := int64(0); s <= at; s += advance { // the definition, window by window
			if s <= at && at < s+size {
				want = append(want, s)
			}
		}
		if got := starts(at, size, advance); !slices.Equal(got, want) {
			t.Fatalf("%d in windows of %d every %d: %v, want %v", at, size, advance, got, want)
		}
	})
}

func TestHoppingWindowsDoNotWrapAtTheEndOfTime(t *testing.T) {
	edges := rapid.SampledFrom([]int64{1, 2, 1000, math.MaxInt64 / 4, math.MaxInt64 - 1, math.MaxInt64})
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.OneOf(rapid.Just(int64(math.MaxInt64)), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "time")
		size, advance := edges.Draw(t, "size"), edges.Draw(t, "advance")
		first, last := Hopping(at, size, advance)
		if first <= last && (first < 0 || last > at || at-first >= size || (last-first)%advance != 0) {
			t.Fatalf("%d in windows of %d every %d: from %d to %d", at, size, advance, first, last)
		}
	})
}

func TestHoppingWindowsOfTheirOwnSizeAreTumbling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(0, 1<<60).Draw(t, "time")
		size := rapid.Int64Range(1, 1<<40).Draw(t, "size")
		want, _ := Tumbling(at, size)
		if got := starts(at, size, size); !slices.Equal(got, []int64{want}) {
			t.Fatalf("%d in windows of %d: %v, want %d", at, size, got, want)
		}
	})
}

func TestBetweenHoppingWindowsThereIsNone(t *testing.T) {
	if got := starts(7, 5, 10); got != nil {
		t.Errorf("7 is in %v", got)
	}
	if got := starts(4, 5, 10); !slices.Equal(got, []int64{0}) {
		t.Errorf("4 is in %v", got)
	}
}
