package row

import "testing"

// TestRowsWithFewerColumnsHaveAnotherDigest: columns that repeat the key are left out
// of the digest, but not out of their number.
func TestRowsWithFewerColumnsHaveAnotherDigest(t *testing.T) {
	key := []Value{NewString("a"), NewBigint(1)}
	seen := map[uint64]int{}
	for n := range len(key) + 1 {
		d := Digest(&Change{Key: key, Values: key[:n:n]}, []int{0, 1})
		if other, ok := seen[d]; ok {
			t.Errorf("%d and %d columns have the same digest", other, n)
		}
		seen[d] = n
	}
}
