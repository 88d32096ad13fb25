package processors_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

func twoKeys() *plan.Plan {
	return processortest.Plan(processortest.Totals(plan.EmitFinal), processortest.Running())
}

func newSampled(t *testing.T, p *plan.Plan, n int, percent float64) processors.Processor {
	t.Helper()
	v2, err := partitions.NewSampled(processors.Config{Architecture: processors.ArchitectureV2, Partitions: n}, p, processors.Options{}, percent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeIt(t, v2) })
	return v2
}

// inSample are the rows of the keys that are in.
func inSample(t *testing.T, p *plan.Plan, percent float64, rows []row.Change) []row.Change {
	t.Helper()
	s, err := partitions.NewSampler(p, percent)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(rows), func(c row.Change) bool { return !s.KeepsRow(&c) })
}

func sameRows(t *testing.T, what string, got, want []row.Change) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(a, b row.Change) bool { return row.EqualRow(&a, &b) && a.Position == b.Position }) {
		t.Errorf("%s: %d rows, want %d, or other ones", what, len(got), len(want))
	}
}

func TestASampledV2SaysOfItsKeysWhatV1Says(t *testing.T) {
	trades := processortest.RandomTrades(21, 4000)
	batches := processortest.Batches(trades, 250, true)
	v1 := run(t, newV1(t, twoKeys()), batches)
	for _, percent := range []float64{10, 50, 90} {
		want := inSample(t, twoKeys(), percent, v1.Changes)
		if len(want) == 0 || len(want) == len(v1.Changes) {
			t.Fatalf("%v %%: %d of %d rows: this shows nothing", percent, len(want), len(v1.Changes))
		}
		for _, n := range []int{1, 3} {
			sameRows(t, "sampled", run(t, newSampled(t, twoKeys(), n, percent), batches).Changes, want)
		}
	}
}

func TestASampledV2TakesTheStateOfItsKeys(t *testing.T) {
	batches := processortest.Batches(processortest.RandomTrades(22, 4000), 250, true)
	v1 := newV1(t, twoKeys())
	run(t, v1, batches[:7])
	s, err := v1.(processors.Snapshotter).Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	v2 := newSampled(t, twoKeys(), 3, 40)
	if err := v2.(processors.Snapshotter).Restore(s); err != nil {
		t.Fatal(err)
	}
	want := inSample(t, twoKeys(), 40, run(t, v1, batches[7:]).Changes)
	if len(want) == 0 {
		t.Fatal("no rows: this shows nothing")
	}
	sameRows(t, "restored", run(t, v2, batches[7:]).Changes, want)
}

func TestAPercentageOfManyKeysIsAboutThatMany(t *testing.T) {
	s, err := partitions.NewSampler(twoKeys(), 25)
	if err != nil {
		t.Fatal(err)
	}
	const keys = 40_000
	in := [4]int{} // by where V2 with four partitions has them
	total := 0
	for i := range keys {
		c := &row.Change{Key: []row.Value{row.NewString("K"), row.NewBigint(int64(i))}}
		if s.KeepsRow(c) {
			total++
			in[row.Hash(c.Key)%4]++
		}
	}
	// Six standard deviations either side.
	if total < keys/4-520 || total > keys/4+520 {
		t.Errorf("%d of %d keys", total, keys)
	}
	for p, n := range in {
		if n < keys/16-300 || n > keys/16+300 {
			t.Errorf("partition %d has %d of the %d: a sample must not favour one", p, n, total)
		}
	}
}

func TestARecordCountsForTheQueriesThatHaveItsKeyIn(t *testing.T) {
	p := twoKeys()
	sampler := func(p *plan.Plan) *partitions.Sampler {
		s, err := partitions.NewSampler(p, 50)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first, second := sampler(&plan.Plan{Sources: p.Sources, Queries: p.Queries[:1], Stages: p.Stages[:1]}), sampler(&plan.Plan{Sources: p.Sources, Queries: p.Queries[1:], Stages: p.Stages[1:]})
	both, v2 := sampler(p), newSampled(t, p, 3, 50)
	seen := map[row.Share]bool{}
	for _, b := range processortest.Batches(processortest.RandomTrades(23, 2000), 500, false) {
		shares, one, two := both.Shares(nil, b), first.Shares(nil, b), second.Shares(nil, b)
		for i, share := range shares {
			want := row.Share{Any: one[i].Any || two[i].Any, All: one[i].All && two[i].All, Counted: one[i].Any}
			if b.Record(i).State == row.Undecodable {
				want = row.Share{}
			}
			if share != want {
				t.Fatalf("got %+v, want %+v", share, want)
			}
			seen[share] = true
		}
		o, err := v2.Process(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(o.Shares, shares) {
			t.Error("V2 does not say what it was given")
		}
	}
	if len(seen) < 4 {
		t.Errorf("only %v was seen", seen)
	}
}

func TestWhatHasNoKeyCannotBeSampled(t *testing.T) {
	for name, c := range map[string]struct {
		q    *plan.Query
		want string
	}{
		"one group": {processortest.Everything(), processortest.Everything().Split.Reason},
		"stateless": {processortest.Large(), "no state"},
	} {
		_, err := partitions.NewSampler(processortest.Plan(processortest.Running(), c.q), 10)
		if !errors.Is(err, partitions.ErrSample) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "query 1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, percent := range []float64{0, -1, 100, 200} {
		if _, err := partitions.NewSampler(twoKeys(), percent); err == nil {
			t.Errorf("%v percent was taken", percent)
		}
	}
}
