package shadow_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/metrics"
)

// trades is an input over real state: windowed totals, kept up and at their end.
// A batch of fifty records comes every 100 ms.
func trades(batches int) (*plan.Plan, *input) {
	p := processortest.Plan(processortest.Totals(plan.EmitChanges), processortest.Totals(plan.EmitFinal), processortest.Running())
	return p, &input{batches: processortest.Batches(processortest.RandomTrades(5, 50*batches), 50, true), pause: 100 * time.Millisecond}
}

// v2 is a V2 that may go wrong: spoil sees each outcome before anybody else.
type v2 struct {
	*partitions.V2
	spoil func(ctx context.Context, o *row.Outcome) (*row.Outcome, error)
}

func (v *v2) Next(ctx context.Context) (*row.Outcome, error) {
	o, err := v.V2.Next(ctx)
	if err != nil || v.spoil == nil {
		return o, err
	}
	return v.spoil(ctx, o)
}

// stateJob runs a plan. The n-th V2 is spoilt by spoil(n), counted from 0; nil
// lets it be.
func stateJob(p *plan.Plan, in *input, cfg shadow.Config, partitions int, spoil func(n int) *v2) (shadow.Job, *atomic.Int64) {
	j := shadow.Job{
		Source: in, Output: &output{}, Config: cfg, RequireLevel: diff.E1,
		Control: func() (processors.Processor, error) { return pipeline.New(p, processors.Options{}) },
	}
	for _, q := range p.Queries {
		j.Sinks = append(j.Sinks, q.Sink)
	}
	var built atomic.Int64
	j.Candidate = func() (processors.Processor, error) {
		n := int(built.Add(1)) - 1
		inner, err := newV2(p, partitions)
		if err != nil {
			return nil, err
		}
		v := &v2{}
		if spoil != nil {
			if s := spoil(n); s != nil {
				v = s
			}
		}
		v.V2 = inner
		return v, nil
	}
	return j, &built
}

func newV2(p *plan.Plan, parts int) (*partitions.V2, error) {
	return partitions.New(p, processors.Config{Architecture: processors.ArchitectureV2, Partitions: parts}, processors.Options{}, partitions.Hooks{})
}

// atBatch acts on one batch.
func atBatch(seq int64, act func(ctx context.Context, o *row.Outcome) (*row.Outcome, error)) *v2 {
	return &v2{spoil: func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
		if o.Batch.Seq == seq {
			return act(ctx, o)
		}
		return o, nil
	}}
}

// sameAsAlone checks that V1's output is what it is without a V2.
func sameAsAlone(t *testing.T, out shadow.Output, p *plan.Plan, in *input) {
	t.Helper()
	j, _ := stateJob(p, in, config(), 1, nil)
	j.Candidate = nil
	if _, err := run(t, t.Context(), j); err != nil {
		t.Fatal(err)
	}
	want, got := j.Output.(*output), out.(*output)
	if len(want.committed) == 0 || !slices.Equal(got.committed, want.committed) || len(got.open) != 0 {
		t.Errorf("V1 committed %d lines, want the same %d as without V2", len(got.committed), len(want.committed))
	}
}

// closed says what a ledger must be whatever happened: each record in it once.
func closed(t *testing.T, l diff.Ledger, records int64) {
	t.Helper()
	if l.Gap != 0 || l.Pending != 0 || l.Records() != records {
		t.Errorf("ledger %+v, want all of %d records", l, records)
	}
}

func TestAShedV2ComesBackWithV1sStateAndIsEqualFromThenOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in := trades(80)
		j, built := stateJob(p, in, config(), 3, func(n int) *v2 {
			if n > 0 {
				return nil
			}
			return &v2{spoil: func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
				select {
				case <-ctx.Done():
					return nil, ctx.Err()
				case <-time.After(time.Second):
					return o, nil
				}
			}}
		})
		m := metrics.New()
		j.Metrics = m
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, rep.Ledger, 4000)
		if rep.Reseeds != 1 || built.Load() != 2 || rep.HoleCount != 1 || len(rep.Holes) != 1 {
			t.Fatalf("%d reseeds, %d V2s, holes %+v", rep.Reseeds, built.Load(), rep.Holes)
		}
		h := rep.Holes[0]
		if !h.Shed || h.Records != rep.Ledger.Shed || h.Records == 0 || h.Batches != int64(h.To-h.From) || h.To >= 80 || !strings.Contains(h.Reason, "full") {
			t.Errorf("hole %+v, ledger %+v", h, rep.Ledger)
		}
		if len(h.Offsets) != 3 || h.Offsets[0].Topic != "trades" || h.Offsets[0].From >= h.Offsets[0].To {
			t.Errorf("offsets %+v", h.Offsets)
		}
		if rep.Diff.Root+rep.Diff.Cascade != 0 || rep.Diff.LevelHeld != diff.E1 {
			t.Errorf("held %s, %+v", rep.Diff.LevelHeld, rep.Diff.ByClass)
		}
		if !rep.Shed || rep.Detached == "" {
			t.Error("a run in which V2 was shed has to say so, even if it came back")
		}
		_, again := trades(80)
		sameAsAlone(t, j.Output, p, again)
		hasMetrics(t, m, "parallax_v2_reseeds_total 1", "parallax_v2_reseed_failures_total 0", "parallax_v2_detached 0")
	})
}

func hasMetrics(t *testing.T, m *metrics.Metrics, lines ...string) {
	t.Helper()
	var b strings.Builder
	m.Write(&b)
	for _, line := range lines {
		if !strings.Contains(b.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, b.String())
		}
	}
}

func TestAFailedV2IsOneArmErrorAndComesBackEqual(t *testing.T) {
	for _, overload := range []candidate.Overload{candidate.Shed, candidate.Block} {
		for name, fail := range map[string]func(release <-chan struct{}) func(context.Context, *row.Outcome) (*row.Outcome, error){
			"failing": func(<-chan struct{}) func(context.Context, *row.Outcome) (*row.Outcome, error) {
				return func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, errors.New("out of cheese") }
			},
			"panicking": func(<-chan struct{}) func(context.Context, *row.Outcome) (*row.Outcome, error) {
				return func(context.Context, *row.Outcome) (*row.Outcome, error) { panic("oops") }
			},
			"hung": func(release <-chan struct{}) func(context.Context, *row.Outcome) (*row.Outcome, error) {
				return func(_ context.Context, o *row.Outcome) (*row.Outcome, error) { <-release; return o, nil }
			},
		} {
			t.Run(string(overload)+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cfg := config()
					cfg.Candidate.OnOverload, cfg.Candidate.Deadline = overload, 500*time.Millisecond
					release := make(chan struct{})
					defer close(release)
					p, in := trades(60)
					j, built := stateJob(p, in, cfg, 3, func(n int) *v2 {
						if n > 0 {
							return nil
						}
						return atBatch(7, fail(release))
					})
					rep, err := run(t, t.Context(), j)
					if err != nil {
						t.Fatal(err)
					}
					closed(t, rep.Ledger, 3000)
					if rep.Diff.Root != 1 || rep.Diff.ByClass[diff.ArmError] != 1 || rep.Diff.LevelHeld != diff.E1 {
						t.Errorf("held %s: %+v", rep.Diff.LevelHeld, rep.Diff.ByClass)
					}
					if rep.Reseeds != 1 || built.Load() != 2 || len(rep.Holes) != 1 {
						t.Fatalf("%d reseeds, %d V2s, holes %+v", rep.Reseeds, built.Load(), rep.Holes)
					}
					h, l := rep.Holes[0], rep.Ledger
					_, again := trades(60)
					sameAsAlone(t, j.Output, p, again)
					if h.From != 7 || h.To <= 8 || h.To >= 60 || h.Shed || h.Records != l.V2Error+l.NotComparable || l.V2Error == 0 || l.NotComparable == 0 || l.Shed != 0 {
						t.Errorf("hole %+v, ledger %+v", h, l)
					}
				})
			})
		}
	}
}

func TestAHungV2ThatGoesOnLaterIsNotListenedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.Deadline = 500 * time.Millisecond
		release := make(chan struct{})
		p, in := trades(80)
		var gone *v2
		late := 0
		j, _ := stateJob(p, in, cfg, 3, func(n int) *v2 {
			if n > 0 {
				// The old one goes on in the middle of the new one's work.
				return atBatch(60, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
					close(release)
					synctest.Wait()
					return o, nil
				})
			}
			gone = atBatch(7, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				<-release
				late++
				o.Changes = nil
				return o, nil
			})
			return gone
		})
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, rep.Ledger, 4000)
		if late != 1 {
			t.Errorf("the old V2 went on %d times, want once", late)
		}
		if rep.Reseeds != 1 || rep.Diff.Root != 1 || rep.Diff.ByClass[diff.ArmError] != 1 || rep.Diff.LevelHeld != diff.E1 {
			t.Errorf("%d reseeds, held %s: %+v", rep.Reseeds, rep.Diff.LevelHeld, rep.Diff.ByClass)
		}
	})
}

func TestAttemptsComeLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.ReseedMax = 5 * time.Second
		p, in := trades(300)
		begin := time.Now()
		var at []time.Duration
		j, _ := stateJob(p, in, cfg, 2, func(int) *v2 {
			at = append(at, time.Since(begin))
			return &v2{spoil: func(context.Context, *row.Outcome) (*row.Outcome, error) { panic("at once") }}
		})
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, rep.Ledger, 15000)
		// The first batch comes after 100 ms; V2 is built again at the first one that
		// comes 1, 2, 4, 5, 5, 5 seconds after it failed, and fails with that.
		want := []time.Duration{0, 1100 * time.Millisecond, 3100 * time.Millisecond, 7100 * time.Millisecond, 12100 * time.Millisecond, 17100 * time.Millisecond, 22100 * time.Millisecond, 27100 * time.Millisecond}
		if !slices.Equal(at, want) {
			t.Errorf("built at %v, want %v", at, want)
		}
		if rep.Diff.ByClass[diff.ArmError] != int64(len(at)) || rep.HoleCount != int64(len(at)) || rep.Reseeds != int64(len(at)-1) {
			t.Errorf("%d V2s, %v, %d holes, %d reseeds", len(at), rep.Diff.ByClass, rep.HoleCount, rep.Reseeds)
		}
	})
}

func TestAV2ThatLastedIsBroughtBackSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.ReseedMax = 5 * time.Second
		p, in := trades(150)
		var rep evidence.Report
		j, built := stateJob(p, in, cfg, 2, func(n int) *v2 {
			seq := map[int]int64{0: 0, 1: 10, 2: 90}[n]
			if n > 2 {
				return nil
			}
			return atBatch(seq, func(context.Context, *row.Outcome) (*row.Outcome, error) { panic("now") })
		})
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		if built.Load() != 4 || len(rep.Holes) != 3 {
			t.Fatalf("%d V2s, holes %+v", built.Load(), rep.Holes)
		}
		for i, want := range [][2]evidence.BatchNumber{{0, 10}, {10, 30}, {90, 100}} {
			if h := rep.Holes[i]; h.From != want[0] || h.To != want[1] {
				t.Errorf("hole %d is [%d, %d), want %v", i, h.From, h.To, want)
			}
		}
	})
}

// obstinate is a V2 that does not take a state.
type obstinate struct {
	*partitions.V2
	restore func() error
}

func (o *obstinate) Restore(s *snapshot) error {
	if err := o.restore(); err != nil {
		return err
	}
	return o.V2.Restore(s)
}

func TestAV2ThatCannotBeBroughtBackLeavesTheHoleOpenAndV1Alone(t *testing.T) {
	for name, restore := range map[string]func(release <-chan struct{}) error{
		"an error": func(<-chan struct{}) error { return errors.New("not this state") },
		"a panic":  func(<-chan struct{}) error { panic("not this state") },
		"a hang":   func(release <-chan struct{}) error { <-release; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config()
				cfg.Candidate.Deadline = 700 * time.Millisecond
				release := make(chan struct{})
				p, in := trades(80)
				m := metrics.New()
				j, built := stateJob(p, in, cfg, 3, nil)
				first := j.Candidate
				j.Candidate = func() (processors.Processor, error) {
					if built.Load() == 0 {
						p, err := first()
						p.(*v2).spoil = func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, errors.New("out of cheese") }
						return p, err
					}
					built.Add(1)
					inner, err := newV2(p, 3)
					return &obstinate{V2: inner, restore: func() error { return restore(release) }}, err
				}
				j.Metrics = m
				begin := time.Now()
				rep, err := run(t, t.Context(), j)
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begin); took != 8100*time.Millisecond {
					t.Errorf("V1 took %v for its 81 batches, want 8.1s", took)
				}
				close(release)
				synctest.Wait()
				closed(t, rep.Ledger, 4000)
				if built.Load() < 3 || rep.Reseeds != 0 || len(rep.Holes) != 1 || rep.Holes[0].From != 0 || rep.Holes[0].To != -1 || rep.Holes[0].Batches != 81 {
					t.Errorf("%d V2s, %d reseeds, holes %+v", built.Load(), rep.Reseeds, rep.Holes)
				}
				if rep.Diff.Root != 1 || rep.Diff.ByClass[diff.ArmError] != 1 || rep.Ledger.Compared != 0 {
					t.Errorf("%+v, ledger %+v", rep.Diff.ByClass, rep.Ledger)
				}
				hasMetrics(t, m, "parallax_v2_reseeds_total 0", "parallax_v2_detached 1")
			})
		})
	}
}

func TestWithoutReseedV2StaysAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.Reseed = false
		p, in := trades(60)
		j, built := stateJob(p, in, cfg, 3, func(int) *v2 {
			return atBatch(3, func(context.Context, *row.Outcome) (*row.Outcome, error) { panic("now") })
		})
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		if built.Load() != 1 || rep.Reseeds != 0 || len(rep.Holes) != 1 || rep.Holes[0].From != 3 || rep.Holes[0].To != -1 || rep.Holes[0].Batches != 58 {
			t.Errorf("%d V2s, holes %+v", built.Load(), rep.Holes)
		}
	})
}

func TestWhatIsWrongBeforeAHoleIsNotHeldAgainstTheNextV2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, in := trades(60)
		j, _ := stateJob(p, in, config(), 3, func(n int) *v2 {
			if n > 0 {
				return nil
			}
			return &v2{spoil: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				if o.Batch.Seq == 5 {
					return nil, errors.New("out of cheese")
				}
				o.Changes = nil // silent, so that every identity is tainted
				return o, nil
			}}
		})
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range rep.Diff.Signatures {
			if s.Example.Batch > 5 || s.Latest != nil && s.Latest.Batch > 5 {
				t.Errorf("a divergence after V2 had come back: %+v", s)
			}
		}
		if rep.Reseeds != 1 || rep.Diff.ByClass[diff.Missing] == 0 {
			t.Errorf("%d reseeds, %+v", rep.Reseeds, rep.Diff.ByClass)
		}
	})
}
