package shadow_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/row"
	"parallax/processors/state"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/metrics"
	"parallax/shadow/stage"
)

type snapshot = state.Snapshot

func TestV2IsRescaledWhileItRunsAndNoRecordIsLeftOut(t *testing.T) {
	for _, overload := range []candidate.Overload{candidate.Shed, candidate.Block} {
		t.Run(string(overload), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config()
				cfg.Candidate.OnOverload = overload
				p, in := trades(60)
				j, built := stateJob(p, in, cfg, 2, nil)
				j.Metrics = metrics.New()
				r, err := shadow.New(j)
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					for _, n := range []int{5, 1, 3} {
						time.Sleep(1250 * time.Millisecond) // of fake time: batches 12, 25, 37
						if err := r.Rescale(t.Context(), func() (processors.Processor, error) { return newV2(p, n) }, ignored); err != nil {
							t.Error(err)
						}
					}
				}()
				rep, err := r.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				closed(t, rep.Ledger, 3000)
				if l := rep.Ledger; l.Shed+l.V2Error+l.NotComparable != 0 || len(rep.Holes) != 0 || rep.Detached != "" {
					t.Errorf("ledger %+v, holes %+v, detached %q", l, rep.Holes, rep.Detached)
				}
				if rep.Diff.Root+rep.Diff.Cascade != 0 || rep.Diff.LevelHeld != diff.E1 {
					t.Errorf("held %s: %+v", rep.Diff.LevelHeld, rep.Diff.ByClass)
				}
				processed := int64(0)
				for _, s := range rep.Partitions {
					processed += s.Records
				}
				if built.Load() != 1 || rep.Processor != "v2:3" || len(rep.Partitions) != 5 || processed != rep.Ledger.Compared+rep.Ledger.Filtered {
					t.Errorf("V2 is %+v, %d records processed by %d partitions, ledger %+v", rep.Candidate, processed, len(rep.Partitions), rep.Ledger)
				}
				if rep.Rescales != 3 || rep.Skew < 1 || rep.Skew > 3 {
					t.Errorf("%d rescales, skew %v", rep.Rescales, rep.Skew)
				}
				hasMetrics(t, j.Metrics, "parallax_v2_rescales_total 3", `parallax_v2_info{processor="v2:3",strategy="always_hash"} 1`,
					fmt.Sprintf(`parallax_v2_partition_records_total{partition="4"} %d`, rep.Partitions[4].Records))
				if err := r.Rescale(t.Context(), j.Candidate, ignored); !errors.Is(err, shadow.ErrNotRescaled) {
					t.Errorf("after the run: %v", err)
				}
			})
		})
	}
}

// quiet is an input that gives nothing from a batch on, until it goes on.
type quiet struct {
	*input
	from   int64
	isHere chan struct{} // closed when all before has been given
	goesOn chan struct{}
	isSaid bool
}

func newQuiet(in *input, from int64) *quiet {
	return &quiet{input: in, from: from, isHere: make(chan struct{}), goesOn: make(chan struct{})}
}

func (q *quiet) Next(ctx context.Context) (*row.Batch, error) {
	if len(q.batches) > 0 && q.batches[0].Seq == q.from {
		if !q.isSaid {
			q.isSaid = true
			close(q.isHere)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-q.goesOn:
		}
	}
	return q.input.Next(ctx)
}

// A topic that nothing is written to has no next batch that the request could wait for.
func TestAV2IsRescaledWhileNoRecordsCome(t *testing.T) {
	for _, stages := range [][]stage.Stage{nil, {canary(50)}} {
		synctest.Test(t, func(t *testing.T) {
			p, in := trades(40)
			j, _ := stateJob(p, in, config(), 2, nil)
			out, source := &stageOutput{}, newQuiet(in, 20)
			j.Source, j.Output = source, out
			r := begin(t, j)
			<-source.isHere
			for _, s := range stages {
				r.set(t, s)
			}
			for _, n := range []int{5, 3} {
				begun := time.Now()
				if err := r.Rescale(t.Context(), func() (processors.Processor, error) { return newV2(p, n) }, ignored); err != nil {
					t.Fatal(err)
				}
				if waited := time.Since(begun); waited > time.Second { // of fake time
					t.Errorf("V2 was rescaled after %v", waited)
				}
			}
			close(source.goesOn)
			rep := r.end(t)
			closed(t, rep.Ledger, 2000)
			if rep.Rescales != 2 || rep.Processor != "v2:3" || rep.Diff.Root+rep.Diff.Cascade != 0 || len(rep.Holes) != 0 || rep.Ledger.Compared == 0 {
				t.Errorf("%d rescales to %s, %+v, holes %+v, ledger %+v", rep.Rescales, rep.Processor, rep.Diff.ByClass, rep.Holes, rep.Ledger)
			}
			sameAsAlone(t, &out.output, p, func() *input { _, in := trades(40); return in }())
		})
	}
}

func TestAV2ThatCannotBeMadeLeavesTheOldOneRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in := trades(60)
		j, _ := stateJob(p, in, config(), 2, nil)
		r, err := shadow.New(j)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			time.Sleep(time.Second)
			for _, build := range []func() (processors.Processor, error){
				func() (processors.Processor, error) { return nil, errors.New("no such V2") },
				func() (processors.Processor, error) { panic("no such V2") },
				func() (processors.Processor, error) { return &path{}, nil }, // takes no state
			} {
				if err := r.Rescale(t.Context(), build, ignored); !errors.Is(err, shadow.ErrNotRescaled) {
					t.Errorf("got %v", err)
				}
			}
		}()
		rep, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		closed(t, rep.Ledger, 3000)
		processed := int64(0)
		for _, s := range rep.Partitions {
			processed += s.Records
		}
		if rep.Processor != "v2:2" || len(rep.Holes) != 0 || rep.Diff.Root != 0 || processed != rep.Ledger.Compared+rep.Ledger.Filtered {
			t.Errorf("V2 is %+v, %d processed, holes %+v, %+v", rep.Candidate, processed, rep.Holes, rep.Diff.ByClass)
		}
	})
}

func TestAV2ThatHangsWhenItIsToBeRescaledIsDetachedOnce(t *testing.T) {
	for _, overload := range []candidate.Overload{candidate.Shed, candidate.Block} {
		t.Run(string(overload), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config()
				cfg.Candidate.OnOverload, cfg.Candidate.Deadline = overload, 900*time.Millisecond
				release := make(chan struct{})
				defer close(release)
				p, in := trades(80)
				j, _ := stateJob(p, in, cfg, 2, func(n int) *v2 {
					if n > 0 {
						return nil
					}
					return atBatch(10, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) { <-release; return o, nil })
				})
				r, err := shadow.New(j)
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					time.Sleep(1450 * time.Millisecond) // batch 10 came at 1.1 s
					if err := r.Rescale(t.Context(), func() (processors.Processor, error) { return newV2(p, 4) }, ignored); !errors.Is(err, shadow.ErrNotRescaled) {
						t.Errorf("got %v", err)
					}
				}()
				rep, err := r.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				closed(t, rep.Ledger, 4000)
				if rep.Diff.Root != 1 || rep.Diff.ByClass[diff.ArmError] != 1 || rep.Reseeds != 1 {
					t.Errorf("%d reseeds, %+v", rep.Reseeds, rep.Diff.ByClass)
				}
				if len(rep.Holes) != 1 || rep.Holes[0].From != 10 || rep.Holes[0].To < 20 || rep.Holes[0].To > 35 {
					t.Errorf("holes %+v", rep.Holes)
				}
			})
		})
	}
}

// TestAV2ThatIsShedWhileTheOneBeforeHangsTakesThatWithIt: what waits for the next
// V2 waits for the one before it as well. Nobody listens to that any more, so the
// one that comes back is not held up, nor compared with its batches.
func TestAV2ThatIsShedWhileTheOneBeforeHangsTakesThatWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.Deadline = 10 * time.Second // longer than it takes to be shed and to come back
		release := make(chan struct{})
		defer close(release)
		p, in := trades(200)
		j, _ := stateJob(p, in, cfg, 2, func(n int) *v2 {
			if n > 0 {
				return nil
			}
			return atBatch(10, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) { <-release; return o, nil })
		})
		r, err := shadow.New(j)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for _, n := range []int{4, 3} { // the second one waits for the first
				time.Sleep(1450 * time.Millisecond)
				go func() {
					if err := r.Rescale(t.Context(), func() (processors.Processor, error) { return newV2(p, n) }, ignored); !errors.Is(err, shadow.ErrNotRescaled) {
						t.Errorf("got %v", err)
					}
				}()
			}
		}()
		rep, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		closed(t, rep.Ledger, 10_000)
		if rep.Diff.Root+rep.Diff.Cascade != 0 || rep.Diff.LevelHeld != diff.E1 {
			t.Errorf("held %s: %+v", rep.Diff.LevelHeld, rep.Diff.ByClass)
		}
		if rep.Reseeds != 1 || len(rep.Holes) != 1 {
			t.Fatalf("%d reseeds, holes %+v", rep.Reseeds, rep.Holes)
		}
		// The queue of the last V2 is full 16 batches after it took over, and V2 comes
		// back two seconds later.
		if h := rep.Holes[0]; !h.Shed || h.From != 10 || h.To < 40 || h.To > 80 || h.Records != rep.Ledger.Shed || !rep.Shed {
			t.Errorf("hole %+v, ledger %+v", h, rep.Ledger)
		}
	})
}

func TestWithoutAV2ThereIsNothingToRescale(t *testing.T) {
	p, in := trades(1)
	j, _ := stateJob(p, in, config(), 2, nil)
	build := j.Candidate
	j.Candidate = nil
	r, err := shadow.New(j)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Rescale(t.Context(), build, ignored); !errors.Is(err, shadow.ErrNotRescaled) {
		t.Errorf("got %v", err)
	}
}

func ignored(int64) {}
