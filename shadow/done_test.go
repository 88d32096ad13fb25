package shadow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/stage"
)

var inDone = stage.Stage{Kind: stage.Done}

// signalled is an input that closes a channel when it gives a batch.
type signalled struct {
	*input
	at map[int64]chan struct{}
}

func (s signalled) Next(ctx context.Context) (*row.Batch, error) {
	b, err := s.input.Next(ctx)
	if err == nil && s.at[b.Seq] != nil {
		close(s.at[b.Seq])
	}
	return b, err
}

func at(seqs ...int64) map[int64]chan struct{} {
	m := map[int64]chan struct{}{}
	for _, seq := range seqs {
		m[seq] = make(chan struct{})
	}
	return m
}

// The whole way there and back: the output is V1's, over real state.
func TestAJobGoesThroughAllStagesAndBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in := trades(100)
		out, when := &stageOutput{}, at(10, 20, 30, 40, 60, 80, 90)
		j, built := stateJob(p, in, config(), 3, nil)
		j.Source, j.Output = signalled{in, when}, out
		r := begin(t, j)
		<-when[10]
		r.set(t, canary(50))
		<-when[20]
		r.set(t, promoted)
		<-when[40]
		r.set(t, inDone)
		broken := func() (processors.Processor, error) { return nil, errors.New("no such V2") }
		if err := r.Rescale(t.Context(), broken, ignored); !errors.Is(err, shadow.ErrNotRescaled) {
			t.Errorf("V2 was replaced by none while it runs alone: %v", err)
		}
		if err := r.Rescale(t.Context(), func() (processors.Processor, error) { return newV2(p, 5) }, ignored); err != nil {
			t.Errorf("V2 was not rescaled while it runs alone: %v", err)
		}
		if err := r.SetStage(t.Context(), stage.Change{To: promoted}); !errors.Is(err, shadow.ErrStageNotReached) || !strings.Contains(err.Error(), "shadow") {
			t.Errorf("from done to promoted: %v", err)
		}
		<-when[60]
		if rep := r.Report(); rep.State != "running alone" || rep.Rescales != 1 {
			t.Errorf("V2 is %s after %d rescales", rep.State, rep.Rescales)
		}
		r.set(t, inShadow)
		if c := r.Stage().Last; !strings.Contains(c.Why, "V1 has V2's state") {
			t.Errorf("the change back says %q", c.Why)
		}
		<-when[80]
		r.set(t, promoted)
		<-when[90]
		rep := r.end(t)
		sameAsAlone(t, &out.output, p, func() *input { _, in := trades(100); return in }())
		closed(t, rep.Ledger, 5000)
		if rep.Diff.Root+rep.Diff.Cascade != 0 || rep.Ledger.Compared+rep.Ledger.Filtered < 3500 || rep.Ledger.NotComparable == 0 {
			t.Errorf("divergences %+v, ledger %+v", rep.Diff.ByClass, rep.Ledger)
		}
		var way []string
		for _, c := range out.changes {
			way = append(way, c.To.String())
		}
		if want := []string{"canary:50", "promoted", "done", "shadow", "promoted"}; !slices.Equal(way, want) {
			t.Errorf("the changes are %v, want %v", way, want)
		}
		if built.Load() != 2 { // compared, alone; those after the rescaling are not counted
			t.Errorf("%d V2s", built.Load())
		}
		if s := r.Stage(); s.Stage != promoted || s.Emission.RowsOfV2 == 0 {
			t.Errorf("the stage is %+v", s)
		}
	})
}

func TestARunThatBeginsInDoneHasNoCandidateUntilItGoesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in := trades(60)
		out, when := &stageOutput{}, at(20)
		j, built := stateJob(p, in, config(), 3, nil)
		j.Source, j.Output, j.Stage.Stage = signalled{in, when}, out, inDone
		r := begin(t, j)
		<-when[20]
		if built.Load() != 1 {
			t.Errorf("%d V2s", built.Load())
		}
		r.set(t, inShadow)
		rep := r.end(t)
		sameAsAlone(t, &out.output, p, func() *input { _, in := trades(60); return in }())
		closed(t, rep.Ledger, 3000)
		if rep.Diff.Root+rep.Diff.Cascade != 0 || rep.Ledger.Compared == 0 || rep.Ledger.NotComparable == 0 {
			t.Errorf("divergences %+v, ledger %+v", rep.Diff.ByClass, rep.Ledger)
		}
	})
}

// A V2 that cannot be built, or hangs in that, does not take over, and V1 goes on.
func TestAV2ThatCannotTakeOverLeavesTheStage(t *testing.T) {
	for name, fails := range map[string]func(context.Context) error{
		"it fails": func(context.Context) error { return errors.New("out of cheese") },
		"it hangs": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, in := trades(60)
				out, when := &stageOutput{}, at(20)
				j, built := stateJob(p, in, config(), 3, nil)
				build := j.Candidate
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				j.Candidate = func() (processors.Processor, error) {
					if built.Load() > 0 {
						return nil, fails(ctx)
					}
					return build()
				}
				j.Source, j.Output, j.Stage.Stage = signalled{in, when}, out, promoted
				r := begin(t, j)
				<-when[20]
				if err := r.SetStage(t.Context(), stage.Change{To: inDone}); !errors.Is(err, shadow.ErrStageNotReached) || !strings.Contains(err.Error(), "V2 cannot take over") {
					t.Errorf("the error is %v", err)
				}
				if s := r.Stage(); s.Stage != promoted {
					t.Errorf("the stage is %+v", s)
				}
				rep := r.end(t)
				if len(out.changes) != 0 {
					t.Errorf("changes %+v", out.changes)
				}
				sameAsAlone(t, &out.output, p, func() *input { _, in := trades(60); return in }())
				if closed(t, rep.Ledger, 3000); rep.Ledger.NotComparable != 0 {
					t.Errorf("ledger %+v", rep.Ledger)
				}
			})
		})
	}
}
