package diff_test

import (
	"slices"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// TestWhereTheRootsAreIsSaid: rows of partition 1 are missing from a batch on.
func TestWhereTheRootsAreIsSaid(t *testing.T) {
	for _, c := range []struct {
		name    string
		missing [2][]int // for each batch, the rows of V1 that V2 does not have
		route   func(b *row.Batch, c *row.Change) int32
		want    string
	}{
		{"one batch, one partition", [2][]int{nil, {1}}, byCause, "all roots begin in batch 1, partition 1"},
		{"one batch", [2][]int{nil, {0, 1}}, byCause, "all roots begin in batch 1"},
		{"one batch, no router", [2][]int{nil, {1}}, nil, "all roots begin in batch 1, partition 0"}, // the key came from there before
		{"one partition", [2][]int{{1}, {1}}, byCause, "all roots are in partition 1, the first one in batch 0"},
		{"neither", [2][]int{{0}, {1}}, byCause, ""},
		{"none", [2][]int{}, byCause, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := diff.New([]*row.Sink{sink()}, diff.Options{PartitionOf: c.route})
			for i, missing := range c.missing {
				// Each batch has keys of its own, except for the second batch without a
				// router.
				keys := [][]string{{"a", "b"}, {"c", "d"}}[i]
				if c.route == nil {
					keys = []string{"a", "b"}
				}
				one := batches(t, []string{"0 0 " + keys[0] + " 1 10", "1 0 " + keys[1] + " 1 10"})[0]
				var two []row.Change
				for k := range one {
					if !slices.Contains(missing, k) {
						c := one[k]
						if byCause(nil, &c) == 1 && len(c.Key) > 0 && keys[0] != "a" {
							c.Partition = 1
						}
						two = append(two, c)
					}
				}
				b := batch(i)
				d.Compare(outcome(b, one), outcome(b, two))
			}
			r := d.Result()
			if got := r.Origin.Text(); got != c.want {
				t.Errorf("%q, want %q (%+v)", got, c.want, r.Origin)
			}
			for _, s := range r.Signatures {
				if c.route != nil && len(s.Example.V2Partitions) != 1 {
					t.Errorf("%s names partitions %v", s.Class, s.Example.V2Partitions)
				}
			}
		})
	}
}

// byCause is a router of two partitions.
func byCause(_ *row.Batch, c *row.Change) int32 { return c.Cause % 2 }
