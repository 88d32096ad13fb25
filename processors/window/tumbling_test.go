package window

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestATimeIsInItsWindowAndWindowsAreAlignedToTheEpoch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(0, math.MaxInt64).Draw(t, "time")
		size := rapid.Int64Range(1, 1<<40).Draw(t, "size")
		start, ok := Tumbling(at, size)
		if !ok || start < 0 || start%size != 0 || at < start || at-start >= size {
			t.Fatalf("%d in windows of %d is in the one from %d, %v", at, size, start, ok)
		}
	})
}

func TestWindowsAreHalfOpen(t *testing.T) {
	for at, want := range map[int64]int64{0: 0, 999: 0, 1000: 1000, 1999: 1000, 2000: 2000} {
		if start, ok := Tumbling(at, 1000); !ok || start != want {
			t.Errorf("%d is in the window from %d, %v, want %d", at, start, ok, want)
		}
	}
}

func TestNoWindowStartsBelowTheEpoch(t *testing.T) {
	if start, ok := Tumbling(-1, 1000); ok {
		t.Errorf("-1 is in the window from %d", start)
	}
}
