package bench

import (
	"math"
	"slices"
	"testing"
)

// The steps of direct produce direct's rows, and their times plus the remainder add up.
func TestTheStepsOfDirectAddUpToItsTime(t *testing.T) {
	doc := &Document{}
	opt := Options{Scenarios: []string{"0", "3b", "join"}, Paths: []string{"direct"}, Batches: []int{1000}, Records: 3000, Rounds: 1}
	if err := Run(t.Context(), opt, doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Breakdown) != 3 {
		t.Fatalf("%d breakdowns", len(doc.Breakdown))
	}
	for _, b := range doc.Breakdown {
		r := doc.Find(b.Scenario, "direct", 1, 1000)
		if b.RowsOut != r.Rows || b.Checksum != r.Checksum {
			t.Errorf("%s: %d rows with %s, and direct has %d with %s", b.Scenario, b.RowsOut, b.Checksum, r.Rows, r.Checksum)
		}
		if sum := b.Decoding + b.Engine + b.Rows + b.Encoding + b.Remainder; math.Abs(sum-b.Whole) > 1e-6 {
			t.Errorf("%s: the steps add up to %v, and the whole is %v", b.Scenario, sum, b.Whole)
		}
	}
}

// Large batches are measured next to small ones in all paths, over the same rows.
func TestLargeBatchesAreMeasuredBesideSmallOnes(t *testing.T) {
	doc := &Document{}
	if err := Run(t.Context(), Options{Scenarios: []string{"3b"}, Paths: []string{"v1", "v2"}, Batches: []int{1000, 3000}, Records: 6000, Rounds: 1}, doc); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, s := range doc.BatchSizes {
		r := doc.Find("3b", s.Path, s.Cores, 1000)
		if s.Batch != 3000 || s.Against != 1000 || s.Rows != r.Rows || s.Checksum != r.Checksum {
			t.Errorf("%+v", s)
		}
		paths = append(paths, s.Path)
	}
	if want := []string{"v1", "v1", "v2:4"}; !slices.Equal(paths, want) {
		t.Errorf("paths %q, want %q", paths, want)
	}
}
