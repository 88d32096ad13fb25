package sensitivity_test

import (
	"context"
	"flag"
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/shadow/sensitivity"
)

var scripts = flag.Int("scripts", 25, "how many random scripts to check mutations on")

// TestNoMutationIsMissedInAnyScript runs the golden scripts and random ones with both paths. Each
// batch that is equal is the first one of a check: whatever a script's rows look like, the
// comparison must detect what is injected, with the expected class. Otherwise a run would be
// judged as an error of the tool.
func TestNoMutationIsMissedInAnyScript(t *testing.T) {
	list, err := processortest.Goldens()
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		list = list[:100]
	}
	for seed := range *scripts {
		list = append(list, processortest.RandomGoldens(uint64(seed))...)
	}
	injected := map[string]int64{}
	for i, g := range list {
		if strings.Contains(g.Options, "run once") {
			continue
		}
		checkScript(t, g, []diff.Level{levels[i%len(levels)], levels[(i+len(levels)/2)%len(levels)]}, injected)
	}
	for name, n := range injected {
		if n < 3 {
			t.Errorf("%s was injected %d times in all scripts", name, n)
		}
	}
	t.Log(injected)
}

func checkScript(t *testing.T, g *processortest.Golden, levels []diff.Level, injected map[string]int64) {
	t.Helper()
	p, err := g.Plan()
	if err != nil {
		return // a random script may be refused
	}
	lines, err := processortest.Lines(g.Input)
	if err != nil {
		t.Fatal(err)
	}
	batches, err := processortest.ReadBatches(p, lines, 7, true)
	if err != nil {
		return
	}
	sinks := p.Sinks()
	opt := processors.Options{ErrorsToDeadLetter: strings.Contains(g.Options, "on_error: dlq"), LateToDeadLetter: strings.Contains(g.Options, "late: dlq")}
	one, two := start(t, p, "v1", opt), start(t, p, "v2:2", opt)
	defer func() {
		if err := one.Close(); err != nil {
			t.Error(err)
		}
		if err := two.Close(); err != nil {
			t.Error(err)
		}
	}()
	differs := map[diff.Level]*diff.Differ{}
	for _, level := range levels {
		differs[level] = diff.New(sinks, diff.Options{Require: level})
	}
	for _, b := range batches {
		v1, err := one.Process(context.Background(), b)
		if err != nil {
			return
		}
		v2, err := two.Process(context.Background(), b)
		if err != nil {
			return
		}
		for _, level := range levels {
			differs[level].Compare(v1, v2)
			check := sensitivity.New(sensitivity.Options{Sinks: sinks, Require: level, New: func() sensitivity.Comparison {
				return diff.New(sinks, diff.Options{Require: level})
			}})
			if err := check.On(v1, v2, differs[level].Last()); err != nil {
				t.Fatalf("%s at %s: %v", g.File, level, err)
			}
			for _, m := range check.Count().Mutations {
				injected[m.Name] += m.Injected
				if m.Detected < m.Injected {
					t.Errorf("%s at %s: %s was missed: %s\n%s", g.File, level, m.Name, m.Missed, g.Query)
				}
			}
		}
	}
}

func start(t *testing.T, p *plan.Plan, config string, opt processors.Options) processors.Processor {
	t.Helper()
	processor, err := processortest.Named(config).New(p, opt)
	if err != nil {
		t.Fatal(err)
	}
	return processor
}
