package processortest

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"parallax/processors/processortest/generate"
)

// Metamorphic runs random scripts over random records and compares every variant with the
// oracle: in one run, and stopped and restored into another variant, in random batches. It
// also checks relations between a script and others (see relations). A seed determines a
// script, an input and the batches. A failure is reported with its seed as a golden file,
// which reduce makes smaller first; again is the command that runs a seed again, with %d
// for the seed. Scripts that the planner refuses test nothing: more than a few in a hundred
// are a failure.
func Metamorphic(t *testing.T, again string, seeds []uint64, reduce bool, variants ...Variant) {
	t.Helper()
	var refused sync.Map
	var rows atomic.Int64
	forSeeds(seeds, func(seed uint64) {
		c := generate.New(seed)
		if _, err := golden(c).Plan(); err != nil {
			refused.Store(seed, err)
			return
		}
		if _, err := newCase(golden(c)); err != nil {
			t.Errorf("seed %d: %v", seed, err)
			return
		}
		tr := newTrial(seed, variants)
		difference := tr.differences(c)
		rows.Add(int64(tr.rows))
		if difference == "" {
			return
		}
		if reduce {
			c = generate.Reduce(c, func(smaller *generate.Case) bool { return tr.differences(smaller) != "" })
			difference = tr.differences(c)
		}
		t.Errorf("seed %d:\n%s\n%s\nagain, and made smaller: %s -reduce", seed, golden(c).Format(), difference, fmt.Sprintf(again, seed))
	})
	reportRefused(t, &refused, len(seeds))
	t.Logf("%d rows of the oracle's compared with those of each variant", rows.Load())
}

// forSeeds calls a function with each seed, on as many goroutines as run at once.
func forSeeds(seeds []uint64, try func(seed uint64)) {
	next := make(chan uint64)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for seed := range next {
				try(seed)
			}
		})
	}
	for _, seed := range seeds {
		next <- seed
	}
	close(next)
	workers.Wait()
}

// reportRefused logs how many scripts were refused, and fails if there are too many.
func reportRefused(t *testing.T, refused *sync.Map, cases int) {
	t.Helper()
	n := 0
	refused.Range(func(seed, err any) bool {
		n++
		t.Logf("seed %d is refused: %v", seed, err)
		return true
	})
	const most, few = 2, 5 // in a hundred; of few cases some may always be
	t.Logf("%d of %d scripts refused", n, cases)
	if n > few && n*100 > cases*most {
		t.Errorf("%d of %d scripts are refused, which is more than %d %%", n, cases, most)
	}
}

// golden is a case as a golden file without expectations.
func golden(c *generate.Case) *Golden {
	return &Golden{File: "random", About: "What shows it.\n", Query: c.Script.String(), Options: c.Options, Input: c.Input()}
}

// trial is how the variants are run.
type trial struct {
	seed     uint64
	variants []Variant
	// sizes are the batch sizes, by variant, and the one of the run that is stopped.
	sizes []int
	// from is stopped after stop batches and restored into to.
	from, to Variant
	stop     int
	// rows is the number of rows of the oracle.
	rows int
}

func newTrial(seed uint64, variants []Variant) *trial {
	rng := rand.New(rand.NewPCG(seed, 1))
	tr := &trial{seed: seed, variants: slices.Clone(variants), stop: rng.IntN(8)}
	for range len(variants) + 1 {
		tr.sizes = append(tr.sizes, cuts[rng.IntN(len(cuts))])
	}
	tr.sizes[len(variants)] = 1 + rng.IntN(4)
	tr.from, tr.to = variants[rng.IntN(len(variants))], variants[rng.IntN(len(variants))]
	// Half of the variants process their batches in slices.
	for i, v := range variants {
		if size := rng.IntN(2 * len(sliceSizes)); size < len(sliceSizes) {
			tr.variants[i] = v.InSlices(sliceSizes[size])
		}
	}
	return tr
}

// differences returns where variants differ from the oracle, or which relation fails; ""
// for none.
func (tr *trial) differences(random *generate.Case) (difference string) {
	defer func() {
		if p := recover(); p != nil {
			difference = fmt.Sprintf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	c, err := newCase(golden(random))
	if err != nil {
		return "" // a smaller script may be invalid
	}
	if d := tr.compare(c); d != "" {
		return d
	}
	return related(random)
}

// compare compares the variants with the oracle and ignores the output in the case.
func (tr *trial) compare(c *testCase) string {
	truth, err := c.run(Oracle, Oracle, all, -1)
	if err != nil {
		return fmt.Sprintf("oracle: %v", err)
	}
	tr.rows = len(truth.total.Changes)
	c.Output, c.Undecodable, c.Dispositions, c.DeadLetters = truth.Output, truth.Undecodable, truth.Dispositions, truth.DeadLetters
	c.hasDispositions = true
	for i, v := range tr.variants {
		if err := c.attempt(v, v, tr.sizes[i], -1, truth); err != nil {
			return fmt.Sprintf("%s, batches of %d: %v", v.Name, tr.sizes[i], err)
		}
	}
	size := tr.sizes[len(tr.variants)]
	if err := c.attempt(tr.from, tr.to, size, tr.stop, truth); err != nil {
		return fmt.Sprintf("%s, batches of %d, stopped after %d and restored into %s: %v", tr.from.Name, size, tr.stop, tr.to.Name, err)
	}
	return ""
}

func (c *testCase) attempt(from, to Variant, size, stop int, truth *result) error {
	if c.cut[size] == nil {
		var err error
		if c.cut[size], err = ReadBatches(c.plan, c.lines, size, c.flush); err != nil {
			return err
		}
	}
	got, err := c.run(from, to, size, stop)
	if err != nil {
		return err
	}
	return c.check(got, truth)
}

// Seeds returns n consecutive seeds.
func Seeds(from uint64, n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = from + uint64(i)
	}
	return seeds
}
