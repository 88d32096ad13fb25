package diff_test

import (
	"slices"
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// twoOutputs are the rows of two queries, in the total order: a row of each at
// positions 0 and 1.
func twoOutputs() []row.Change {
	var rows []row.Change
	for position := range int64(2) {
		for query := range uint16(2) {
			rows = append(rows, row.Change{
				Position: position, Phase: 1, Step: 1, Query: query, Cause: int32(position), WindowEnd: 60_000,
				Key: []row.Value{row.NewString("a")}, Values: []row.Value{row.NewBigint(position)},
			})
		}
	}
	return rows
}

func compareOutputs(level diff.Level, two []row.Change) diff.Result {
	first, second := sink(), sink()
	second.Topic = "second"
	d := diff.New([]*row.Sink{first, second}, diff.Options{Require: level})
	b := batch(0)
	d.Compare(outcome(b, twoOutputs()), outcome(b, two))
	return d.Result()
}

// TestTheOrderAcrossOutputsIsPartOfE1: each output by itself is the same.
func TestTheOrderAcrossOutputsIsPartOfE1(t *testing.T) {
	for _, c := range []struct {
		name string
		swap [2]int
	}{
		{"two rows at one position", [2]int{0, 1}},
		{"two rows at one position, in the middle", [2]int{2, 3}},
		{"two rows at neighbouring positions", [2]int{1, 2}},
	} {
		two := twoOutputs()
		two[c.swap[0]], two[c.swap[1]] = two[c.swap[1]], two[c.swap[0]]
		for _, level := range []diff.Level{diff.E1, diff.E2} {
			r := compareOutputs(level, two)
			want := int64(0)
			if level == diff.E1 {
				want = 1
			}
			if r.LevelHeld != diff.E2 || r.Root != want || r.ByClass[diff.Reorder] != want {
				t.Errorf("%s, %s required: held %s, %d divergences %v, want E2 and %d", c.name, level, r.LevelHeld, r.Root, r.ByClass, want)
			}
			if level == diff.E1 {
				if ex := r.Signatures[0].Example; len(ex.Columns) != 1 || ex.Columns[0].Name != "output" || ex.Columns[0].V1 == ex.Columns[0].V2 || len(ex.Causes) != 1 {
					t.Errorf("%s: example %+v", c.name, ex)
				}
			}
		}
	}
	if r := compareOutputs(diff.E1, twoOutputs()); r.LevelHeld != diff.E1 || r.Root != 0 {
		t.Errorf("the same order: held %s, %d divergences", r.LevelHeld, r.Root)
	}
}

// TestTheOrderAcrossOutputsIsComparedBesideAnotherDifference: a third output that
// differs hides nothing.
func TestTheOrderAcrossOutputsIsComparedBesideAnotherDifference(t *testing.T) {
	one := twoOutputs()
	third := one[0]
	third.Query, third.Values = 2, []row.Value{row.NewBigint(1)}
	one = slices.Insert(one, 2, third)
	two := slices.Clone(one)
	two[0], two[1] = two[1], two[0]
	two[2].Values = []row.Value{row.NewBigint(2)}
	d := diff.New([]*row.Sink{sink(), sink(), sink()}, diff.Options{})
	b := batch(0)
	d.Compare(outcome(b, one), outcome(b, two))
	if r := d.Result(); r.ByClass[diff.Reorder] != 1 || r.ByClass[diff.ValueClass] != 1 || r.Root != 2 {
		t.Errorf("%v", r.ByClass)
	}
}

// TestRowsOfAnOutputThatTheJobDoesNotHaveDiffer: nothing else would show them.
func TestRowsOfAnOutputThatTheJobDoesNotHaveDiffer(t *testing.T) {
	two := twoOutputs()
	unknown := two[3]
	unknown.Query = 7
	r := compareOutputs(diff.E1, append(two, unknown))
	if r.Root != 1 || r.ByClass[diff.Extra] != 1 || r.LevelHeld == diff.E1 {
		t.Errorf("%d divergences %v, held %s", r.Root, r.ByClass, r.LevelHeld)
	}
}
