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

func TestValuesOfOtherKindsHaveOtherDigests(t *testing.T) {
	elements := []Value{NewInt(1), NewInt(2)}
	values := []Value{
		NewString("[1,2]"), NewText(Bytes, "[1,2]"), NewArray(elements), NewStruct([]string{"a", "b"}, elements), NewMap([]string{"a", "b"}, elements),
	}
	seen := map[uint64]Value{}
	for _, v := range values {
		d := Digest(&Change{Values: []Value{v}}, nil)
		if other, ok := seen[d]; ok {
			t.Errorf("%v %s and %v %s have the same digest", v.Kind(), v, other.Kind(), other)
		}
		seen[d] = v
	}
}
