package shadow_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/stage"
)

// TestTheOutputOfRandomScriptsIsV1sInEveryStage changes the stage at random while V2 is slow and fails
// at random. No rule tolerates anything, so what is emitted is what V1 makes alone, each row once.
func TestTheOutputOfRandomScriptsIsV1sInEveryStage(t *testing.T) {
	emitted, reached := int64(0), map[stage.Kind]int{}
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
					batches, err := processortest.ReadBatches(p, lines, max(1, len(lines)/40), true)
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
					rows, changes := runWithStages(t, p, read(), seed, alone.committed)
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
func runWithStages(t *testing.T, p *plan.Plan, in *input, seed uint64, want []string) (rows int64, changes []stage.Change) {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 5))
	out := &stageOutput{}
	gives := make(chan int64, 1000)
	j := randomJob(p, steered{in, gives}, out)
	parts := 1 + random.IntN(3)
	v2random := rand.New(rand.NewPCG(seed, 6))
	j.Candidate = func() (processors.Processor, error) {
		inner, err := newV2(p, parts)
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
	r := begin(t, j)
	stages := []stage.Stage{inShadow, canary(30), canary(60), promoted, promoted, inDone}
	for range gives {
		if random.IntN(6) > 0 {
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
	return r.Stage().Emission.RowsOfV2, out.changes
}
