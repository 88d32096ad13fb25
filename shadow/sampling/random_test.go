package sampling_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/oracle"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/processors/state"
	"parallax/shadow/sampling"
	"parallax/shadow/states"
)

var (
	firstSeed = flag.Uint64("seed", 1, "the first seed")
	seedCount = flag.Int("seeds", 100, "how many seeds")
)

// TestASampledV2IsWhatV1AndTheOracleAreForItsKeys runs random scripts over random records
// with V2s of a part of the keys, which sometimes take over V1's state or another V2's. Rows,
// dispositions, dead letters and states are V1's, and the oracle's rows, as the comparison
// sees them; and what V2 says of each record is so.
func TestASampledV2IsWhatV1AndTheOracleAreForItsKeys(t *testing.T) {
	seen := map[string]int{}
	for _, seed := range processortest.Seeds(*firstSeed, *seedCount) {
		rng := rand.New(rand.NewPCG(seed, 11))
		for _, g := range processortest.RandomGoldens(seed) {
			for _, percent := range []float64{5, 50, 80} {
				if err := tryRandom(g, percent, rng, seen); err != nil {
					t.Errorf("seed %d, %v %%: %v\n%s\nagain: go test ./shadow/sampling -run IsWhatV1 -seed %d -seeds 1", seed, percent, err, g.Format(), seed)
					break
				}
			}
		}
	}
	t.Log(seen)
	if *seedCount < 100 {
		return
	}
	for _, what := range []string{"chain", "join", "some rows in, some out", "some are not counted", "moved", "dead letters"} {
		if seen[what] == 0 {
			t.Errorf("nothing was seen of: %s", what)
		}
	}
}

// try is a script that is run by V1, by the oracle and by a V2 of some keys.
type try struct {
	plan           *plan.Plan
	opt            processors.Options
	percent        float64
	sampler        *partitions.Sampler
	keys           sampling.Keys
	v1, v2, oracle processors.Processor
	seen           map[string]int
	rowsIn, rows   int
	// last are the last rows of each key of a query with emit_scope='window', by side.
	last [3]map[string]string
}

func tryRandom(g *processortest.Golden, percent float64, rng *rand.Rand, seen map[string]int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	p, err := g.Plan()
	if err != nil {
		return nil // what the planner refuses shows nothing here
	}
	lines, err := processortest.Lines(g.Input)
	if err != nil {
		return err
	}
	batches, err := processortest.ReadBatches(p, lines, 1+rng.IntN(8), !strings.Contains(g.Options, "no flush"))
	if err != nil {
		return nil
	}
	s, err := partitions.NewSampler(p, percent)
	if errors.Is(err, partitions.ErrSample) {
		seen["refused"]++
		return nil
	}
	if err != nil {
		return err
	}
	y := &try{plan: p, percent: percent, sampler: s, keys: sampling.Keys{Sampler: s}, seen: seen}
	y.opt = processors.Options{ErrorsToDeadLetter: strings.Contains(g.Options, "on_error: dlq"), LateToDeadLetter: strings.Contains(g.Options, "late: dlq")}
	defer y.close()
	if y.v1, err = pipeline.New(p, y.opt); err != nil {
		return err
	}
	if y.oracle, err = oracle.New(p, y.opt); err != nil {
		return err
	}
	if err := y.candidate(rng); err != nil {
		return err
	}
	for i, b := range batches {
		if err := y.step(b); err != nil {
			return fmt.Errorf("batch %d of %d: %w", i, len(batches), err)
		}
		if rng.IntN(4) == 0 {
			if err := y.move(rng); err != nil {
				return fmt.Errorf("after batch %d of %d: %w", i, len(batches), err)
			}
		}
	}
	if p.Chained() {
		seen["chain"]++
	}
	if slices.ContainsFunc(p.Stages, func(q *plan.Query) bool { return len(q.Joins) > 0 }) {
		seen["join"]++
	}
	if y.rowsIn > 0 && y.rowsIn < y.rows {
		seen["some rows in, some out"]++
	}
	seen["run"]++
	return nil
}

func (y *try) close() {
	for _, p := range []processors.Processor{y.v1, y.v2, y.oracle} {
		if p != nil {
			_ = p.Close()
		}
	}
}

// candidate starts a V2 of some keys.
func (y *try) candidate(rng *rand.Rand) (err error) {
	cfg := processors.Config{Architecture: processors.ArchitectureV2, Partitions: []int{1, 2, 3, 7}[rng.IntN(4)]}
	y.v2, err = partitions.NewSampled(cfg, y.plan, y.opt, y.percent)
	return err
}

// step gives a batch to all, and compares.
func (y *try) step(b *row.Batch) error {
	var o [3]*row.Outcome
	for i, p := range []processors.Processor{y.v1, y.oracle, y.v2} {
		var err error
		if o[i], err = p.Process(context.Background(), b); err != nil {
			return err
		}
	}
	v1, oracle, v2 := o[0], o[1], o[2]
	if len(v2.Shares) != b.Len() {
		return fmt.Errorf("V2 says of %d records which it takes", len(v2.Shares))
	}
	y.keys.Look(b, v2)
	if err := y.keys.Misstated(b, v2); err != nil {
		return err
	}
	two := y.once(2, v2.Changes)
	if err := sameRows("the oracle", two, y.once(1, y.keys.Comparable(oracle, v2).Changes)); err != nil {
		return err
	}
	one := y.keys.Comparable(v1, v2)
	y.rowsIn += len(v2.Changes)
	y.rows += len(v1.Changes)
	if err := sameRows("V1", two, y.once(0, one.Changes)); err != nil {
		return err
	}
	for i, d := range one.Dispositions {
		if d != v2.Dispositions[i] {
			return fmt.Errorf("record %d of %s: V2 has %s, V1 %s", i, b.Describe(), v2.Dispositions[i], d)
		}
	}
	if !slices.Equal(v2.DeadLetters, one.DeadLetters) {
		return fmt.Errorf("%s: V2's dead letters are %v, V1's %v", b.Describe(), v2.DeadLetters, one.DeadLetters)
	}
	if len(one.DeadLetters) > 0 {
		y.seen["dead letters"]++
	}
	worked, counted := int64(0), int64(0)
	for _, n := range v2.Worked {
		worked += n
	}
	for i := range b.Len() {
		switch share := y.keys.Share(i); {
		case share.Counted:
			counted++
		case share.Any:
			y.seen["some are not counted"]++
		}
	}
	if worked != counted {
		return fmt.Errorf("%s: V2's partitions counted %d records, and %d are said to be", b.Describe(), worked, counted)
	}
	return y.sameState()
}

// once leaves out the rows of emit_scope='window' that say what the row of the key before
// them said: records of keys that are not in the sample cause them, too.
func (y *try) once(side int, rows []row.Change) (list []row.Change) {
	if y.last[side] == nil {
		y.last[side] = map[string]string{}
	}
	for _, c := range rows {
		if y.plan.Queries[c.Query].Sink.WindowScope {
			key := fmt.Sprint(c.Query, c.WindowStart, c.Key)
			said := fmt.Sprint(c.Values, c.Timestamp)
			if y.last[side][key] == said {
				y.seen["said again"]++
				continue
			}
			y.last[side][key] = said
		}
		list = append(list, c)
	}
	return list
}

func sameRows(who string, got, want []row.Change) error {
	for i := range min(len(got), len(want)) {
		a, b := &got[i], &want[i]
		if !row.EqualRow(a, b) || row.CompareOrder(a, b) != 0 || a.Cause != b.Cause {
			return fmt.Errorf("V2's row %d is %s, that of %s is %s", i, processortest.Show(a), who, processortest.Show(b))
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("V2 has %d rows, %s has %d", len(got), who, len(want))
	}
	return nil
}

// sameState compares the states of V1 and V2 as at a checkpoint.
func (y *try) sameState() error {
	one, err := y.v1.(processors.Snapshotter).Snapshot()
	if err != nil {
		return err
	}
	two, err := y.v2.(processors.Snapshotter).Snapshot()
	if err != nil {
		return err
	}
	stages, err := states.Of(y.plan)
	if err != nil {
		return err
	}
	var digests [2][]state.Digest
	for i, s := range []*state.Snapshot{one, two} {
		if digests[i], err = states.Digests(s.Freeze(), stages, y.sampler); err != nil {
			return err
		}
	}
	for i := range stages {
		if !digests[0][i].Equal(digests[1][i]) {
			return fmt.Errorf("the state of %s is %s in V1 and %s in V2", stages[i].Name, digests[0][i], digests[1][i])
		}
		if digests[0][i].Entries > 0 {
			y.seen["states"]++
		}
	}
	if keys := states.DifferentClocks(one.Freeze(), two.Freeze(), y.sampler); len(keys) > 0 {
		return fmt.Errorf("clocks differ: %v", keys)
	}
	return nil
}

// move replaces V2 by another one with V1's state, or with V2's own.
func (y *try) move(rng *rand.Rand) error {
	from := y.v1
	if rng.IntN(2) == 0 {
		from = y.v2
	}
	s, err := from.(processors.Snapshotter).Snapshot()
	if err != nil {
		return err
	}
	if err := y.v2.Close(); err != nil {
		return err
	}
	if err := y.candidate(rng); err != nil {
		return err
	}
	y.seen["moved"]++
	return y.v2.(processors.Snapshotter).Restore(s)
}
