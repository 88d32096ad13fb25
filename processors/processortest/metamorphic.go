package processortest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parallax/processors"
)

// Metamorphic runs random inputs through a fixed set of queries and holds every
// variant to the oracle: straight, and stopped and restored into another one, in
// random batches. A seed is one query, one input and one way to cut it. What
// fails is reduced to few records and told with the seed; again is the command
// that runs a seed again, with %d for it.
func Metamorphic(t *testing.T, again string, seeds []uint64, variants ...Variant) {
	t.Helper()
	for _, seed := range seeds {
		rng := rand.New(rand.NewPCG(seed, 0))
		tmpl := templates[seed%uint64(len(templates))]
		trial := trial{
			size: 1 + rng.IntN(20), stop: rng.IntN(4),
			from: pick(rng, variants...), to: pick(rng, variants...),
		}
		lines := randomInput(rng)
		difference := trial.differences(tmpl, lines, variants)
		if difference == "" {
			continue
		}
		fails := func(fewer []string) bool { return trial.differences(tmpl, fewer, variants) != "" }
		lines = reduce(lines, fails)
		t.Errorf("seed %d, %s, with %d records:\n%s\n%s\n%s\n%s\nagain: %s", seed, tmpl.name, len(lines),
			tmpl.golden(lines).Query, tmpl.options, strings.Join(lines, "\n"), trial.differences(tmpl, lines, variants), fmt.Sprintf(again, seed))
	}
}

// trial is how the variants are run beside straight through.
type trial struct {
	size, stop int
	// from is stopped after so many batches and restored into to.
	from, to Variant
}

// differences says where variants differ from the oracle, "" if nowhere.
func (tr trial) differences(tmpl template, lines []string, variants []Variant) string {
	c, err := newCase(tmpl.golden(lines))
	if err != nil {
		return err.Error()
	}
	if c.cut[tr.size], err = ReadBatches(c.plan, c.lines, tr.size, c.flush); err != nil {
		return err.Error()
	}
	truth, err := c.run(Oracle, Oracle, all, -1)
	if err != nil {
		return err.Error()
	}
	c.Output, c.Undecodable, c.Dispositions, c.DeadLetters = truth.Output, truth.Undecodable, truth.Dispositions, truth.DeadLetters
	c.hasDispositions = true
	for _, v := range variants {
		if err := c.attempt(v, v, tr.size, -1, truth); err != nil {
			return fmt.Sprintf("%s, batches of %d: %v", v.Name, tr.size, err)
		}
	}
	p, err := tr.from.New(c.plan, c.opt)
	if err != nil {
		return err.Error()
	}
	_, restores := p.(processors.Snapshotter)
	_ = p.Close() // it has done nothing
	if !restores {
		return ""
	}
	if err := c.attempt(tr.from, tr.to, tr.size, tr.stop, truth); err != nil {
		return fmt.Sprintf("%s, batches of %d, stopped after %d and restored into %s: %v", tr.from.Name, tr.size, tr.stop, tr.to.Name, err)
	}
	return ""
}

func (c *testCase) attempt(from, to Variant, size, stop int, truth *result) error {
	got, err := c.run(from, to, size, stop)
	if err != nil {
		return err
	}
	return c.check(got, truth)
}

// golden is a template and an input as a golden file without expectations.
func (tmpl template) golden(lines []string) *Golden {
	with := ""
	if tmpl.timestamp {
		with = ", timestamp='at'"
	}
	return &Golden{
		File:    tmpl.name,
		Query:   fmt.Sprintf(randomSource, with) + tmpl.query,
		Options: tmpl.options,
		Input:   strings.Join(lines, "\n"),
	}
}

// reduce leaves lines out, large pieces first, as long as what is left fails.
func reduce(lines []string, fails func([]string) bool) []string {
	for piece := len(lines) / 2; piece > 0; {
		removed := false
		for i := 0; i+piece <= len(lines); {
			fewer := append(append([]string(nil), lines[:i]...), lines[i+piece:]...)
			if fails(fewer) {
				lines, removed = fewer, true
			} else {
				i += piece
			}
		}
		if !removed || piece > 1 {
			piece /= 2
		}
	}
	return lines
}

// Seeds returns n seeds from one on.
func Seeds(from uint64, n int) []uint64 {
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = from + uint64(i)
	}
	return seeds
}
