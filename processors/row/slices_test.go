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

func TestRoomIsMadeForAsManyRowsARecordAsSoFarButOneAtMost(t *testing.T) {
	b := NewBatch(0, 0, make([]Record, 100), nil)
	for _, c := range []struct{ records, rows, want int }{{0, 0, 0}, {10, 0, 0}, {10, 10, 90}, {10, 5, 45}, {10, 10_000, 90}, {100, 100, 0}} {
		if got := b.RowsAhead(c.records, c.rows); got != c.want {
			t.Errorf("after %d rows of %d records: %d, want %d", c.rows, c.records, got, c.want)
		}
	}
}
