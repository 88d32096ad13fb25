package diff

import "testing"

// TestDistinctKeysAreCountedUpToABound: the set reports when it has omitted keys, and does
// not grow.
func TestDistinctKeysAreCountedUpToABound(t *testing.T) {
	var s keySet
	for i := range uint64(MostKeys) {
		s.add(i)
		s.add(i / 2)
	}
	if s.len() != MostKeys || s.full {
		t.Fatalf("%d keys, full is %v; want all %d", s.len(), s.full, MostKeys)
	}
	s.add(MostKeys)
	if s.len() != MostKeys || !s.full {
		t.Errorf("%d keys, full is %v; want %d, and that one was left out", s.len(), s.full, MostKeys)
	}
}
