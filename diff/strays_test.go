package diff_test

import (
	"slices"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// TestWhatMergeDroppedOrMovedIsShown: with key, partitions and place.
func TestWhatMergeDroppedOrMovedIsShown(t *testing.T) {
	b := batch(0)
	c := batches(t, []string{"3 1 a 7 10"})[0][0]
	for _, s := range []struct {
		name       string
		stray      row.Stray
		class      diff.Class
		partitions []int32
		guess      diff.Hypothesis
	}{
		{"dropped, of two partitions", row.Stray{Change: c, Dropped: true}, diff.Duplicate, []int32{0, 1}, ""},
		{"dropped, of one partition", row.Stray{Change: c, Dropped: true, KeptFrom: 1}, diff.Duplicate, []int32{1}, diff.Retried},
		{"moved", row.Stray{Change: c}, diff.Reorder, []int32{1}, ""},
	} {
		d := diff.New([]*row.Sink{sink()}, diff.Options{})
		v2 := outcome(b, nil)
		v2.Strays = []row.Stray{s.stray}
		if v2.Deduplicated, v2.Reordered = 0, 1; s.stray.Dropped {
			v2.Deduplicated, v2.Reordered = 1, 0
		}
		d.Compare(outcome(b, nil), v2)
		got, ok := only(t, d.Result())[s.class]
		ex := got.Example
		if !ok || got.Count != 1 || got.Hypothesis != s.guess || got.Topic != "out" || ex.Key["K"] != "a" || ex.Place != "position 3, phase 1, step 1, number 0" ||
			!slices.Equal(ex.V2Partitions, s.partitions) || len(ex.Causes) != 1 || ex.Causes[0].Offset != 3 {
			t.Errorf("%s: %+v", s.name, got)
		}
	}
}
