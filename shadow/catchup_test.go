package shadow_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
)

// returning runs a job of which the first V2 fails in batch 5, and the next one
// takes three seconds for its state and then as long as takes for each batch.
// Batches come every 10 ms.
func returning(t *testing.T, cfg shadow.Config, takes time.Duration) (evidence.Report, shadow.Job, *plan.Plan) {
	t.Helper()
	p, in := trades(1000)
	in.pause = 10 * time.Millisecond
	j, built := stateJob(p, in, cfg, 3, nil)
	first := j.Candidate
	j.Candidate = func() (processors.Processor, error) {
		if built.Load() == 0 {
			p, err := first()
			p.(*v2).spoil = atBatch(5, func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, errors.New("out of cheese") }).spoil
			return p, err
		}
		built.Add(1)
		inner, err := newV2(p, 3)
		return &spoilt{
			sampledV2: &obstinate{V2: inner, restore: func() error { time.Sleep(3 * time.Second); return nil }},
			spoil:     func(*row.Outcome) error { time.Sleep(takes); return nil },
		}, err
	}
	rep, err := run(t, t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	closed(t, rep.Ledger, 50_000)
	time.Sleep(5 * time.Second) // of fake time: one that nobody waits for gets its state, and ends
	return rep, j, p
}

func TestAV2ThatTakesLongForItsStateCatchesUp(t *testing.T) {
	for _, overload := range []candidate.Overload{candidate.Shed, candidate.Block} {
		t.Run(string(overload), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config()
				cfg.Candidate.OnOverload = overload
				rep, j, p := returning(t, cfg, 5*time.Millisecond)
				if rep.Reseeds != 1 || len(rep.Holes) != 1 || rep.Ledger.Shed != 0 {
					t.Fatalf("%d reseeds, holes %+v", rep.Reseeds, rep.Holes)
				}
				// The attempt comes a second after the failure; what came in the three
				// seconds after that is compared as well.
				if h := rep.Holes[0]; h.From != 5 || h.To < 100 || h.To > 110 || rep.Diff.LevelHeld != diff.E1 || rep.Diff.ByClass[diff.ArmError] != rep.Diff.Root {
					t.Errorf("hole %+v, held %s: %+v", h, rep.Diff.LevelHeld, rep.Diff.ByClass)
				}
				again := &input{batches: processortest.Batches(processortest.RandomTrades(5, 50*1000), 50, true), pause: 10 * time.Millisecond}
				sameAsAlone(t, j.Output, p, again)
			})
		})
	}
}

func TestAV2ThatDoesNotCatchUpIsShedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rep, _, _ := returning(t, config(), 12*time.Millisecond)
		if len(rep.Holes) < 2 || rep.Reseeds < 1 {
			t.Fatalf("%d reseeds, holes %+v", rep.Reseeds, rep.Holes)
		}
		if h := rep.Holes[1]; !h.Shed || !strings.Contains(h.Reason, "does not catch up") || h.From-rep.Holes[0].To > 120 {
			t.Errorf("hole %+v", h)
		}
	})
}

func TestWhatAV2HasToCatchUpWithIsBoundedByItsMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.Memory = 2 << 20 // a batch of fifty counts for some 15 KiB
		rep, _, _ := returning(t, cfg, 0)
		if rep.Reseeds != 0 || len(rep.Holes) != 1 || rep.Holes[0].To != -1 {
			t.Errorf("%d reseeds, holes %+v", rep.Reseeds, rep.Holes)
		}
	})
}
