package isolated_test

import (
	"testing"

	"parallax/processors/row"
	"parallax/shadow/isolated"
)

func TestLatestKeepsTheLatestBatchesWithRecordsOldestFirst(t *testing.T) {
	for _, c := range []struct{ added, first, kept int }{{0, 0, 0}, {5, 0, 5}, {32, 0, 32}, {33, 1, 32}, {70, 38, 32}} {
		var l isolated.Latest
		for seq := range c.added {
			l.Keep(row.NewBatch(int64(seq), int64(seq), make([]row.Record, 1), []*row.Table{nil}))
			l.Keep(row.NewFlush(int64(seq), int64(seq), 1)) // it has no records
		}
		got := l.InOrder()
		if len(got) != c.kept {
			t.Errorf("of %d batches %d are kept, want %d", c.added, len(got), c.kept)
		}
		for i, b := range got {
			if b.Seq != int64(c.first+i) || b.Flush() {
				t.Errorf("of %d batches, kept batch %d has Seq %d (flush: %v), want %d", c.added, i, b.Seq, b.Flush(), c.first+i)
			}
		}
	}
}
