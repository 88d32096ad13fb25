package diff_test

import (
	"fmt"
	"slices"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// severalOf returns n rows of one cause, with the values 0 to n-1.
func severalOf(n int) []row.Change {
	var rows []row.Change
	for i := range n {
		rows = append(rows, row.Change{
			Position: 1, Phase: 1, Step: 1, Cause: 1, Ordinal: uint32(i), WindowEnd: 60_000,
			Key: []row.Value{row.NewString("a")}, Values: []row.Value{row.NewBigint(int64(i))},
		})
	}
	return rows
}

// TestSeveralRowsOfOneCauseAreAligned modifies some of the rows of one cause, in an output
// with a key and in one without.
func TestSeveralRowsOfOneCauseAreAligned(t *testing.T) {
	other := func(c row.Change) row.Change {
		c.Values = []row.Value{row.NewBigint(-7)}
		return c
	}
	without := func(rows []row.Change, which ...int) []row.Change {
		for _, i := range slices.Backward(which) {
			rows = slices.Delete(rows, i, i+1)
		}
		return rows
	}
	for _, c := range []struct {
		name  string
		rows  int
		spoil func(two []row.Change) []row.Change
		want  map[diff.Class]int64
	}{
		{"the first of three is lost", 3, func(two []row.Change) []row.Change { return two[1:] }, map[diff.Class]int64{diff.Missing: 1}},
		{"the middle one is lost", 3, func(two []row.Change) []row.Change { return without(two, 1) }, map[diff.Class]int64{diff.Missing: 1}},
		{"two are lost", 5, func(two []row.Change) []row.Change { return without(two, 1, 3) }, map[diff.Class]int64{diff.Missing: 2}},
		{"one comes in front", 3, func(two []row.Change) []row.Change { return append([]row.Change{other(two[0])}, two...) }, map[diff.Class]int64{diff.Extra: 1}},
		{"one differs", 3, func(two []row.Change) []row.Change { two[1] = other(two[1]); return two }, map[diff.Class]int64{diff.ValueClass: 1}},
		{"one is lost and one differs", 5, func(two []row.Change) []row.Change { two[3] = other(two[3]); return two[1:] }, map[diff.Class]int64{diff.Missing: 1, diff.ValueClass: 1}},
		{"of two that differ from V1's the second is lost", 4, func(two []row.Change) []row.Change { two[1] = other(two[1]); return without(two, 2) }, map[diff.Class]int64{diff.Missing: 1, diff.ValueClass: 1}},
		{"of two the first is lost and the second differs", 4, func(two []row.Change) []row.Change { two[2] = other(two[2]); return without(two, 1) }, map[diff.Class]int64{diff.Missing: 1, diff.ValueClass: 1}},
		{"of 1,000 the first is lost and the last differs", 1000, func(two []row.Change) []row.Change { two[999] = other(two[999]); return two[1:] }, map[diff.Class]int64{diff.Missing: 1, diff.ValueClass: 1}},
		{"of 3,000 the first is lost", 3000, func(two []row.Change) []row.Change { return two[1:] }, map[diff.Class]int64{diff.Missing: 1}},
		{"of 3,000 the first and the last differ", 3000, func(two []row.Change) []row.Change {
			two[0], two[2999] = other(two[0]), other(two[2999])
			return two
		}, map[diff.Class]int64{diff.ValueClass: 2}},
	} {
		for _, keyed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, keyed %v", c.name, keyed), func(t *testing.T) {
				s := sink()
				one, two := severalOf(c.rows), severalOf(c.rows)
				if !keyed {
					s.Key, s.Windowed = nil, false
					for i := range one {
						one[i].Key, two[i].Key, one[i].WindowEnd, two[i].WindowEnd = nil, nil, 0, 0
					}
				}
				d := diff.New([]*row.Sink{s}, diff.Options{})
				b := batch(0)
				d.Compare(outcome(b, one), outcome(b, c.spoil(two)))
				r := d.Result()
				if fmt.Sprint(r.ByClass) != fmt.Sprint(c.want) {
					t.Fatalf("%v, want %v", r.ByClass, c.want)
				}
				for _, s := range r.Signatures {
					if s.Hypothesis == diff.Conflated {
						t.Errorf("%s is called conflation", s.Class)
					}
				}
			})
		}
	}
}
