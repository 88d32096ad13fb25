package row

import "testing"

func TestSlicesAreEvenPartsOfABatchAndOnlyTheLastEndsIt(t *testing.T) {
	for _, c := range []struct {
		records, size int
		flush         bool
		want          []int
	}{
		{0, 3, true, []int{0}},
		{3, 3, false, []int{3}},
		{3, 3, true, []int{3}},
		{4, 3, true, []int{2, 2}},
		{10, 4, false, []int{3, 3, 4}},
		{5, 1, true, []int{1, 1, 1, 1, 1}},
	} {
		b := NewBatch(7, 100, make([]Record, c.records), make([]*Table, 1))
		if c.flush {
			b = NewLast(7, 100, make([]Record, c.records), make([]*Table, 1))
		}
		b.Settle(42)
		var sizes []int
		next := 0
		for from, part := range b.Slices(c.size) {
			if from != next || part.First != 100+int64(from) || part.Seq != 7 {
				t.Errorf("%+v: a part begins at %d with position %d", c, from, part.First)
			}
			next += part.Len()
			sizes = append(sizes, part.Len())
			if last := next == c.records; part.Flush() != (last && c.flush) || (part.Settled() == 42) != last {
				t.Errorf("%+v: the part up to %d has flush %v and settled %d", c, next, part.Flush(), part.Settled())
			}
		}
		if len(sizes) != len(c.want) || len(sizes) != b.SliceCount(c.size) {
			t.Fatalf("%+v: parts of %v", c, sizes)
		}
		for i := range sizes {
			if sizes[i] != c.want[i] {
				t.Errorf("%+v: parts of %v", c, sizes)
			}
		}
	}
}
