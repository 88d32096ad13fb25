package shadow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/route"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/stage"
)

// TestTheOutputOfRandomScriptsIsV1sInEveryStage changes the stage and the partitions of V2, which has
// any strategy that is correct for the script, at random, while V2 is slow and fails at random. No rule
// tolerates anything, so what is emitted is what V1 makes alone, each row once.
func TestTheOutputOfRandomScriptsIsV1sInEveryStage(t *testing.T) {
	emitted, reached, rescaled := int64(0), map[stage.Kind]int{}, map[string]int{}
	for seed := range uint64(40) {
		for kind, g := range processortest.RandomGoldens(seed) {
			t.Run(fmt.Sprintf("%d/%d", seed, kind), func(t *testing.T) {
				p, err := g.Plan()
				if err != nil {
					t.Skip(err) // the planner refuses it: processors' tests count those
				}
				lines, err := processortest.Lines(g.Input)
				if err != nil {
					t.Fatal(err)
				}
				read := func() *input {
					batches, err := processortest.ReadBatches(p, lines, max(1, strings.Count(lines, "\n")/40), true)
					if err != nil {
						t.Fatal(err)
					}
					return &input{batches: batches, pause: 50 * time.Millisecond}
				}
				synctest.Test(t, func(t *testing.T) {
					alone := &output{}
					if _, err := run(t, t.Context(), randomJob(p, read(), alone)); err != nil {
						t.Fatal(err)
					}
					rows, changes := runWithStages(t, p, read(), seed, alone.committed, rescaled)
					emitted += rows
					for _, c := range changes {
						reached[c.To.Kind]++
					}
				})
				if t.Failed() {
					t.Logf("seed %d:\n%s", seed, g.Format())
				}
			})
		}
	}
	if emitted == 0 || len(reached) < 4 {
		t.Errorf("%d rows of V2 were emitted, and the stages reached are %v", emitted, reached)
	}
	strategies := []any{route.Auto, "always_hash", "smart_repartition", "sticky_partition", "round_robin", "fan_in"}
	for _, in := range []stage.Kind{stage.Shadow, stage.Canary, stage.Promoted, stage.Done} {
		if in == stage.Done {
			strategies = nil // it is reached too rarely for all of them
		}
		for _, what := range append([]any{"a query of records", "a join or a chain"}, strategies...) {
			if rescaled[fmt.Sprintf("%v in %s", what, in)] == 0 {
				t.Errorf("no V2 of %v was rescaled in %s: %v", what, in, rescaled)
			}
		}
	}
}

// strategyFor draws a strategy that is correct for a plan.
func strategyFor(p *plan.Plan, random *rand.Rand) route.Strategy {
	all := route.Strategies()
	random.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	for _, s := range all {
		if _, err := partitions.RoutingOf(p, processors.Config{Architecture: processors.ArchitectureV2, Partitions: 2, Strategy: s}); err == nil {
			return s
		}
	}
	return route.Auto
}

func randomJob(p *plan.Plan, in shadow.Source, out shadow.Output) shadow.Job {
	j := shadow.Job{
		Source: in, Output: out, Config: config(), RequireLevel: diff.E1, Salt: "salt", CanaryWait: 200 * time.Millisecond,
		Control: func() (processors.Processor, error) { return pipeline.New(p, processors.Options{}) },
	}
	j.Config.Candidate.ReseedAfter = 100 * time.Millisecond
	for _, q := range p.Queries {
		j.Sinks = append(j.Sinks, q.Sink)
	}
	return j
}

// steered is an input that says when it gives a batch.
type steered struct {
	*input
	gives chan int64
}

func (s steered) Next(ctx context.Context) (*row.Batch, error) {
	b, err := s.input.Next(ctx)
	switch {
	case err == nil:
		s.gives <- b.Seq
	case errors.Is(err, io.EOF) && s.gives != nil:
		close(s.gives)
	}
	return b, err
}

// runWithStages runs a job whose stage changes at random, checks its output, and returns how many rows
// of V2 it emitted in its last stage, and its changes.
func runWithStages(t *testing.T, p *plan.Plan, in *input, seed uint64, want []string, rescaled map[string]int) (rows int64, changes []stage.Change) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 5))
	out := &stageOutput{}
	gives := make(chan int64, 1000)
	j := randomJob(p, steered{in, gives}, out)
	cfg := processors.Config{Architecture: processors.ArchitectureV2, Partitions: 1 + random.IntN(3), Strategy: strategyFor(p, random)}
	shape := "a query of records"
	if p.Chained() || len(p.Stages[0].Joins) > 0 {
		shape = "a join or a chain"
	}
	v2random := rand.New(rand.NewPCG(seed, 6))
	build := func(cfg processors.Config) (processors.Processor, error) {
		inner, err := partitions.New(p, cfg, processors.Options{}, partitions.Hooks{})
		if err != nil {
			return nil, err
		}
		return &v2{V2: inner, spoil: func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
			switch v2random.IntN(40) {
			case 0:
				return nil, errors.New("out of cheese")
			case 1, 2:
				select {
				case <-ctx.Done():
				case <-time.After(time.Duration(v2random.IntN(500)) * time.Millisecond):
				}
			}
			return o, nil
		}}, nil
	}
	j.Candidate = func() (processors.Processor, error) { return build(cfg) }
	r := begin(t, j)
	stages := []stage.Stage{inShadow, canary(30), canary(60), promoted, promoted, inDone}
	for range gives {
		switch random.IntN(12) {
		case 0, 1:
		case 2, 3:
			in, to := r.Stage().Stage.Kind, cfg
			to.Partitions = []int{1, 2, 3, 7}[random.IntN(4)]
			switch err := r.Rescale(t.Context(), func() (processors.Processor, error) { return build(to) }, ignored); {
			case err == nil:
				rescaled[fmt.Sprintf("%s in %s", shape, in)]++
				rescaled[fmt.Sprintf("%s in %s", cfg.Strategy, in)]++
			case !errors.Is(err, shadow.ErrNotRescaled):
				t.Errorf("to %s: %v", to, err)
			}
			continue
		default:
			continue
		}
		to := stages[random.IntN(len(stages))]
		if err := r.SetStage(t.Context(), stage.Change{To: to, Who: "anna"}); err != nil && !errors.Is(err, shadow.ErrStageNotReached) {
			t.Errorf("to %s: %v", to, err)
		}
	}
	rep := r.end(t)
	if !slices.Equal(out.committed, want) || len(out.open) != 0 {
		t.Errorf("after the changes %+v V2's rows or none:\n%s", out.changes, processortest.DiffLines(fmt.Sprintln(want), fmt.Sprintln(out.committed)))
	}
	if rep.Ledger.Gap != 0 || rep.Ledger.Pending != 0 {
		t.Errorf("ledger %+v", rep.Ledger)
	}
	time.Sleep(time.Minute) // of fake time, until the V2s that were detached have ended
	return r.Stage().Emission.RowsOfV2, out.changes
}
