package bench

import (
	"testing"

	"parallax/shadow/workload"
)

// Every path of every scenario produces the rows of the first one, for any batches.
func TestAllPathsGiveTheSameRows(t *testing.T) {
	for _, id := range Scenarios() {
		t.Run(id, func(t *testing.T) {
			doc := &Document{}
			err := Run(t.Context(), Options{
				Scenarios: []string{id}, Batches: []int{70, 1000}, Records: 3000, Rounds: 1,
				Paths: []string{"floor", "direct", "v1", "v2", "shadow"},
			}, doc)
			if err != nil {
				t.Fatal(err)
			}
			if len(doc.Results) == 0 && len(doc.Skipped) == 0 {
				t.Fatal("nothing was measured")
			}
			for _, r := range doc.Differing() {
				t.Errorf("%s in batches of %d: %s", r.Path, r.Batch, r.Differs)
			}
		})
	}
}

// Closing windows, and removing rows of a join, needs more event time than the paths'
// records have.
func TestFloorsCloseAndForgetAsThePlanDoes(t *testing.T) {
	for _, id := range []string{"3a", "3b", "session", "hopping", "join"} {
		t.Run(id, func(t *testing.T) {
			doc := &Document{}
			err := Run(t.Context(), Options{
				Scenarios: []string{id}, Batches: []int{1000}, Records: 100_000, Rounds: 1, Paths: []string{"floor", "direct"},
			}, doc)
			if err != nil {
				t.Fatal(err)
			}
			if len(doc.Results) != 2 {
				t.Fatalf("%d results", len(doc.Results))
			}
			for _, r := range doc.Differing() {
				t.Errorf("%s: %s", r.Path, r.Differs)
			}
		})
	}
}

// The figures that the project started from.
func TestTheSmallShapeGivesTheRowsThatAreKnown(t *testing.T) {
	doc := &Document{}
	if err := Run(t.Context(), Options{Scenarios: []string{"small"}, Batches: []int{1000}, Rounds: 1}, doc); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"direct": 99_810, "v1": 99_810, "v2:1": 99_810, "v2:2/even": 49_910, "v2:4/even": 24_960} {
		r := doc.Find("small", path, 0, 0)
		if r == nil || r.Rows != want {
			t.Errorf("%s: got %+v, want %d rows", path, r, want)
		}
	}
}

func TestAnInputsFirstRecordsAreThoseOfASmallerOne(t *testing.T) {
	s, err := workload.Lookup("3b")
	if err != nil {
		t.Fatal(err)
	}
	all, few := NewInput(s, workload.Options{Records: 100, Seed: 1}), NewInput(s, workload.Options{Records: 40, Seed: 1})
	first := all.first(40)
	for i := range few.Values {
		if string(first.Values[i]) != string(few.Values[i]) || first.Times[i] != few.Times[i] {
			t.Fatalf("record %d differs", i)
		}
	}
	if first.Len() != 40 {
		t.Errorf("%d records", first.Len())
	}
}

func TestPathsAreChosenByNameOrKind(t *testing.T) {
	chosen, err := choosePaths([]string{"v2", "floor"})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range chosen {
		if p.partitions == 0 && p.name != "floor" {
			t.Errorf("%s was not asked for", p.name)
		}
	}
	one, err := choosePaths([]string{"v1@2"})
	if err != nil || len(one) != 1 || one[0].cores != 2 {
		t.Errorf("v1@2 is %+v, %v", one, err)
	}
	if _, err := choosePaths([]string{"v3"}); err == nil {
		t.Error("v3 is a path")
	}
}
