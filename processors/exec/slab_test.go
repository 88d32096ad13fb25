package exec

import (
	"testing"

	"parallax/processors/row"
)

// TestASlabHandsOutEachValueOnce: for all lengths that are asked for, no value is in two
// slices, and after a reset the same memory comes again.
func TestASlabHandsOutEachValueOnce(t *testing.T) {
	var s slab
	lengths := []int{1, 63, 64, 5, 2048, 3, 5000, 0, 2047, 100, 1}
	round := func() map[*row.Value]bool {
		seen := map[*row.Value]bool{}
		for _, n := range lengths {
			got := s.take(n)
			if len(got) != n || cap(got) != n {
				t.Fatalf("asked for %d, got %d of %d", n, len(got), cap(got))
			}
			for i := range got {
				if seen[&got[i]] {
					t.Fatalf("a value of the slice of %d was handed out before", n)
				}
				seen[&got[i]] = true
			}
		}
		return seen
	}
	first := round()
	s.reset()
	if again := testing.AllocsPerRun(1, func() {
		for _, n := range lengths {
			s.take(n)
		}
		s.reset()
	}); again != 0 {
		t.Errorf("%v allocations for what was had before", again)
	}
	for v := range round() {
		if !first[v] {
			t.Fatal("other memory came after a reset")
		}
	}
}
