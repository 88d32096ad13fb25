package diff_test

import (
	"testing"

	"parallax/diff"
	"parallax/processors/row"
)

// step is a batch with both sides' outcomes; without a V2 it is a hole.
type step struct {
	v1, v2 []string
	hole   bool
	before func(*diff.Differ)
}

func compareSteps(t *testing.T, require diff.Level, steps []step) diff.Result {
	t.Helper()
	d := diff.New([]*row.Sink{sink()}, diff.Options{Require: require})
	for i, s := range steps {
		if s.before != nil {
			s.before(d)
		}
		b := row.NewBatch(int64(i), int64(10*i), make([]row.Record, 10), []*row.Table{nil})
		one := &row.Outcome{Batch: b, Changes: batches(t, s.v1)[0], Dispositions: make([]row.Disposition, 10)}
		if s.hole {
			d.NotComparable(one)
			continue
		}
		d.Compare(one, &row.Outcome{Batch: b, Changes: batches(t, s.v2)[0], Dispositions: make([]row.Disposition, 10)})
	}
	return d.Result()
}

func reseeded(d *diff.Differ) { d.Succeeded(true) }
func rescaled(d *diff.Differ) { d.Succeeded(false) }

func TestAfterAHoleV2BeginsWithV1sRows(t *testing.T) {
	// B was emitted in the hole. A V2 that emits it once more stutters, which E3 allows.
	steps := []step{
		{v1: []string{"0 0 K A 1"}, v2: []string{"0 0 K A 1"}},
		{v1: []string{"1 0 K B 2"}, hole: true},
		{v1: []string{"2 0 K C 3"}, v2: []string{"1 0 K B 2", "2 0 K C 3"}, before: reseeded},
	}
	if r := compareSteps(t, diff.E3, steps); r.Roots()+r.Cascade != 0 || r.LevelHeld != diff.E3 {
		t.Errorf("held %s: %+v", r.LevelHeld, r.ByClass)
	}
}

func TestAfterAHoleADivergenceIsARootAgain(t *testing.T) {
	wrong := step{v1: []string{"0 0 K 1 1"}, v2: []string{"0 0 K 2 1"}}
	for name, c := range map[string]struct {
		before         func(*diff.Differ)
		roots, cascade int64
	}{
		"the same V2": {nil, 1, 1},
		"reseeded":    {reseeded, 2, 0},
		"rescaled":    {rescaled, 1, 1},
	} {
		again := wrong
		again.before = c.before
		if r := compareSteps(t, diff.E1, []step{wrong, again}); r.Roots() != c.roots || r.Cascade != c.cascade {
			t.Errorf("%s: %d roots, %d cascades, want %d and %d", name, r.Roots(), r.Cascade, c.roots, c.cascade)
		}
	}
}

func TestAnotherV2sPartitionsAreItsOwn(t *testing.T) {
	for name, before := range map[string]func(*diff.Differ){"the same V2": nil, "reseeded": reseeded, "rescaled": rescaled} {
		r := compareSteps(t, diff.E1, []step{
			{v1: []string{"0 0 K 1 1"}, v2: []string{"0 0 K 1 1"}},
			{v1: []string{"1 0 K 2 2"}, v2: []string{"1 3 K 2 2"}, before: before},
			{v1: []string{"2 0 K 3 3"}, v2: []string{"2 3 K 3 3"}},
		})
		want := int64(0)
		if before == nil {
			want = 1
		}
		if r.ByClass[diff.Routing] != want {
			t.Errorf("%s: %+v, want %d routing", name, r.ByClass, want)
		}
	}
}

// TestWhatOnlyV1ShowedIsNoUnit: a claim about units of evidence is about those that
// were compared.
func TestWhatOnlyV1ShowedIsNoUnit(t *testing.T) {
	for _, require := range []diff.Level{diff.E1, diff.E3} {
		r := compareSteps(t, require, []step{
			{v1: []string{"0 0 K A 1"}, v2: []string{"0 0 K A 1"}},
			{v1: []string{"1 0 L B 2", "2 0 M C 2"}, hole: true},
			{v1: []string{"3 0 M C 3"}, v2: []string{"3 0 M C 3"}, before: reseeded},
		})
		if o := r.Outputs[0]; o.Units != 2 || o.Keys != 2 || r.Roots() != 0 {
			t.Errorf("%s: %+v, want the units of K and M; %+v", require, o, r.ByClass)
		}
	}
}
