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
	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/metrics"
	"parallax/shadow/throughput"
)

// taking is a path that takes a time for each batch.
func taking(d time.Duration) *path {
	return &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
		<-time.After(d)
		return o, nil
	}}
}

// blocking is a configuration under which every batch is compared.
func blocking() shadow.Config {
	cfg := config()
	cfg.Candidate.OnOverload = candidate.Block
	cfg.Candidate.Backpressure.Enabled = false
	return cfg
}

func TestSpeedsArePairedOverTheBatchesThatBothFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rep, err := run(t, t.Context(), job(newInput(200), &output{}, taking(2*time.Millisecond), taking(time.Millisecond), blocking()))
		if err != nil {
			t.Fatal(err)
		}
		got := rep.Throughput
		if r := got.Contended; r != (evidence.Ratio{Comparable: true, Value: 2, Median: 2, CI95: evidence.Interval{2, 2}, Batches: 200, Pairs: 200}) {
			t.Errorf("contended: %+v", r)
		}
		if got.V1.RecordsPerSecond != 5000 || got.V2.RecordsPerSecond != 10_000 || got.V1.Rows != 1800 || got.V2.Rows != 1800 {
			t.Errorf("V1 %+v, V2 %+v", got.V1, got.V2)
		}
		if got.V1.BusyPerMillion != 200 {
			t.Errorf("V1 was busy for %v s per million records, want 200", got.V1.BusyPerMillion)
		}
		near := func(d evidence.Duration, want time.Duration) bool {
			return (d.Std() - want).Abs() <= want/1000+time.Microsecond
		}
		if q := got.V2.Service; !near(q.P50, time.Millisecond) || !near(q.P999, time.Millisecond) || q.AtLeast {
			t.Errorf("V2's service times: %+v", q)
		}
		if q := got.V1.FetchToDone; !near(q.P50, 2*time.Millisecond) {
			t.Errorf("V1 from the fetch: %+v", q)
		}
		if got.Censored != (evidence.Censored{}) || got.Isolated != nil {
			t.Errorf("censored %+v, isolated %+v", got.Censored, got.Isolated)
		}
	})
}

// early is a source that fetched each batch a second before it hands it out.
type early struct{ *input }

func (early) Fetched() time.Time { return time.Now().Add(-time.Second) }

func TestFetchToDoneBeginsWhereTheSourceSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(20)
		j := job(in, &output{}, taking(time.Millisecond), taking(time.Millisecond), blocking())
		j.Source = early{in}
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		for name, p := range map[string]evidence.Path{"v1": rep.Throughput.V1, "v2": rep.Throughput.V2} {
			if d := p.FetchToDone.P50.Std(); d < time.Second || d > 1100*time.Millisecond {
				t.Errorf("%s: %v from fetch to done, want a second and a little", name, d)
			}
		}
	})
}

func TestNoSpeedUpIsToldWhereItWouldMislead(t *testing.T) {
	wrong := whenBatch(5, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
		o.Changes[0].Values = []row.Value{row.NewBigint(-1)}
		return o, nil
	})
	failing := whenBatch(5, func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, errors.New("ill") })
	for want, v2 := range map[string]*path{"the outputs differ": wrong, "V2 is off": nil} {
		rep, err := run(t, t.Context(), job(newInput(20), &output{}, &path{}, v2, blocking()))
		if err != nil {
			t.Fatal(err)
		}
		if r := rep.Throughput.Contended; r.Comparable || r.Why != want || r.Value != 0 || r.Median != 0 {
			t.Errorf("%+v, want %s", r, want)
		}
	}
	rep, err := run(t, t.Context(), job(newInput(20), &output{}, &path{}, failing, blocking()))
	if err != nil {
		t.Fatal(err)
	}
	if r := rep.Throughput.Contended; r.Comparable || r.Value != 0 {
		t.Errorf("V2 failed, and the ratio is %+v", r)
	}
	lazy := &lazyPath{}
	j := job(newInput(20), &output{}, &path{}, nil, blocking())
	j.Candidate = func() (processors.Processor, error) { return lazy, nil }
	if rep, err = run(t, t.Context(), j); err != nil {
		t.Fatal(err)
	}
	if r := rep.Throughput.Contended; r.Comparable || !strings.Contains(r.Why, "did not process") {
		t.Errorf("V2 did nothing, and the ratio is %+v", r)
	}
}

// lazyPath has the right rows without having worked for them.
type lazyPath struct{ path }

func (*lazyPath) Partitions() []processors.PartitionStats {
	return make([]processors.PartitionStats, 1)
}

func TestABatchThatRanOutOfTimeIsCensoredAtTheTimeItHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		hung := whenBatch(7, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			<-release
			return o, nil
		})
		in := newInput(30)
		in.pause = time.Second
		rep, err := run(t, t.Context(), job(in, &output{}, &path{}, hung, config()))
		if err != nil {
			t.Fatal(err)
		}
		got := rep.Throughput
		// A batch a second: batch 7 has 10 s, and 9 or 10 more wait behind it.
		if c := got.Censored; c.Waited.Std() != 10*time.Second || c.Batches < 10 || c.Batches > 11 || c.Records != 10*c.Batches {
			t.Errorf("censored: %+v", c)
		}
		if q := got.V2.Service; !q.AtLeast || q.P999.Std() < 9990*time.Millisecond {
			t.Errorf("V2's service times: %+v", q)
		}
		if got.Contended.Batches != 7 || got.V1.Service.AtLeast {
			t.Errorf("%+v", got)
		}
	})
}

func TestEveryShedBatchIsCensored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(60)
		in.pause = 100 * time.Millisecond
		rep, err := run(t, t.Context(), job(in, &output{}, &path{}, taking(time.Second), config()))
		if err != nil {
			t.Fatal(err)
		}
		c := rep.Throughput.Censored
		if !rep.Shed || c.Batches+int64(rep.Throughput.Contended.Batches) != 60 || c.Records != 10*c.Batches {
			t.Errorf("shed %v, censored %+v, %d batches paired of 60", rep.Shed, c, rep.Throughput.Contended.Batches)
		}
		// Those that V2 never began say nothing of its speed.
		if q := rep.Throughput.V2.Service; !q.AtLeast || q.P50.Std() < 990*time.Millisecond {
			t.Errorf("V2's service times: %+v", q)
		}
	})
}

func TestAV2ThatFailsByItselfIsNotCensored(t *testing.T) {
	failing := whenBatch(5, func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, errors.New("ill") })
	rep, err := run(t, t.Context(), job(newInput(20), &output{}, &path{}, failing, blocking()))
	if err != nil {
		t.Fatal(err)
	}
	if c := rep.Throughput.Censored; c != (evidence.Censored{}) {
		t.Errorf("%+v", c)
	}
}

// V1 takes 3 ms for a batch while V2 is at work, and 2 ms while it is not.
func TestShadowTaxIsWhatV1PaysForV2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var working atomic.Int32
		v1 := &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			<-time.After(time.Millisecond)
			extra := time.Duration(0)
			if working.Load() > 0 {
				extra = time.Millisecond
			}
			<-time.After(time.Millisecond + extra)
			return o, nil
		}}
		v2 := &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			working.Add(1)
			defer working.Add(-1)
			<-time.After(2500 * time.Microsecond)
			return o, nil
		}}
		out := &output{}
		rep, err := run(t, t.Context(), job(newInput(2000), out, v1, v2, blocking()))
		if err != nil {
			t.Fatal(err)
		}
		tax := rep.Throughput.Tax
		// 2 % of 2,000 batches; V2 is nearly always at work otherwise.
		if tax.Value == nil || tax.Held < 20 || tax.Held > 60 || tax.Running < 1800 {
			t.Fatalf("%+v", tax)
		}
		const most = 0.5 + 1e-12 // a quotient of sums of seconds is not exact
		if *tax.Value < 0.4 || *tax.Value > most || tax.CI95[0] > tax.CI95[1] || tax.CI95[0] < 0.4 || tax.CI95[1] > 0.51 {
			t.Errorf("V1 pays %v (%v), want nearly 0.5", *tax.Value, *tax.CI95)
		}
		if want := (diff.Ledger{Compared: 18_000, Undecodable: 2_000}); rep.Ledger != want {
			t.Errorf("the ledger is %+v, want %+v: holding V2 must lose nothing", rep.Ledger, want)
		}
	})
}

func TestTooFewHeldBatchesTellNoTax(t *testing.T) {
	rep, err := run(t, t.Context(), job(newInput(50), &output{}, &path{}, &path{}, blocking()))
	if err != nil {
		t.Fatal(err)
	}
	if tax := rep.Throughput.Tax; tax.Value != nil {
		t.Errorf("%+v", tax)
	}
}

// A live source, a V2 that is held now and then: V1 is through with each batch
// the moment it comes, and a hold does not outlast the input's pauses.
func TestHoldingV2NeverKeepsV1Waiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(1000)
		in.pause = 20 * time.Millisecond
		begin := time.Now()
		rep, err := run(t, t.Context(), job(in, &output{}, &path{}, taking(5*time.Millisecond), config()))
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took > 20*time.Second+50*time.Millisecond {
			t.Errorf("the run took %v, want 20s and V2's last batch", took)
		}
		if tax := rep.Throughput.Tax; tax.Held < 8 {
			t.Errorf("%+v", tax)
		}
		if rep.Ledger.Compared != 9000 {
			t.Errorf("ledger %+v", rep.Ledger)
		}
	})
}

func TestUnderBlockPressureSlowsTheSourceDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := blocking()
		cfg.Candidate.Backpressure = candidate.DefaultBackpressure()
		in := newInput(100)
		in.pause = time.Millisecond
		rep, err := run(t, t.Context(), job(in, &output{}, &path{}, taking(20*time.Millisecond), cfg))
		if err != nil {
			t.Fatal(err)
		}
		if p := rep.Pressure; p.Worst != evidence.Saturated || p.Throttled <= 0 {
			t.Errorf("%+v", p)
		}
		if rep.Ledger.Compared != 900 {
			t.Errorf("ledger %+v", rep.Ledger)
		}
	})
}

func TestUnderShedPressureIsShownAndV1NeverThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInput(10)
		in.pause = 30 * time.Millisecond
		begin := time.Now()
		var last time.Duration
		v1 := &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			last = time.Since(begin)
			return o, nil
		}}
		rep, err := run(t, t.Context(), job(in, &output{}, v1, taking(time.Second), config()))
		if err != nil {
			t.Fatal(err)
		}
		if p := rep.Pressure; p.Worst != evidence.Saturated || p.Throttled != 0 {
			t.Errorf("%+v", p)
		}
		if last != 300*time.Millisecond {
			t.Errorf("V1 had its last batch after %v, want 300ms", last)
		}
	})
}

// turns is a V1 or V2 that writes down when it is built and used.
func turns(log *[]string, name string, took time.Duration) func() (processors.Processor, error) {
	return func() (processors.Processor, error) {
		*log = append(*log, name)
		return taking(took), nil
	}
}

func TestIsolatedRunsThePathsInTurnsOnTheLatestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var built []string
		cfg := blocking()
		cfg.Candidate.Isolated = true
		j := job(newInput(100), &output{}, nil, nil, cfg)
		j.Control, j.Candidate = turns(&built, "v1", 3*time.Millisecond), turns(&built, "v2", time.Millisecond)
		r, err := shadow.New(j)
		if err != nil {
			t.Fatal(err)
		}
		rep, err := r.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		built = nil
		got := r.Isolated(t.Context(), rep)
		if want := (evidence.Ratio{Comparable: true, Value: 3, Median: 3, CI95: evidence.Interval{3, 3}, Batches: 32, Pairs: 16}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if len(built) != 32 || !slices.Equal(built[:8], []string{"v1", "v2", "v2", "v1", "v1", "v2", "v2", "v1"}) {
			t.Errorf("the turns: %v", built)
		}
	})
}

func TestIsolatedGivesNoFigureWhereOneWouldMislead(t *testing.T) {
	for _, c := range []struct {
		name, want string
		// v2 is V2 in the run (0) and each time after it.
		v2  func(built int) *path
		off bool
	}{
		{name: "the outputs differed in the run", want: "the outputs differ", v2: func(int) *path {
			return whenBatch(5, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				o.Changes = o.Changes[1:]
				return o, nil
			})
		}},
		{name: "the outputs differ by themselves", want: "when each path runs by itself", v2: func(built int) *path {
			return whenBatch(5, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				if built > 0 {
					o.Changes = o.Changes[1:]
				}
				return o, nil
			})
		}},
		{name: "V2 hangs by itself", want: "v2 failed by itself: no progress", v2: func(built int) *path {
			return whenBatch(5, func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
				if built > 0 {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return o, nil
			})
		}},
		{name: "V2 panics by itself", want: "v2 failed by itself: panic: oops", v2: func(built int) *path {
			return whenBatch(5, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				if built > 0 {
					panic("oops")
				}
				return o, nil
			})
		}},
		{name: "V2 loses a batch by itself", want: "something else than the outcome of batch 5", v2: func(built int) *path {
			return whenBatch(5, func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
				if built > 0 {
					return nil, nil
				}
				return o, nil
			})
		}},
		{name: "nothing was kept", want: "no batch was kept", v2: func(int) *path { return &path{} }, off: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := blocking()
				cfg.Candidate.Isolated = !c.off
				j := job(newInput(20), &output{}, nil, nil, cfg)
				built := 0
				j.Control = func() (processors.Processor, error) { return taking(time.Millisecond), nil }
				j.Candidate = func() (processors.Processor, error) {
					p := c.v2(built)
					built++
					act := p.act
					p.act = func(ctx context.Context, o *row.Outcome) (*row.Outcome, error) {
						select {
						case <-ctx.Done():
							return nil, ctx.Err()
						case <-time.After(time.Millisecond):
						}
						if act == nil {
							return o, nil
						}
						return act(ctx, o)
					}
					return p, nil
				}
				r, err := shadow.New(j)
				if err != nil {
					t.Fatal(err)
				}
				rep, err := r.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if got := r.Isolated(t.Context(), rep); got.Comparable || got.Value != 0 || !strings.Contains(got.Why, c.want) {
					t.Errorf("%+v, want %q", got, c.want)
				}
			})
		})
	}
}

func TestMetricsShowV2sPartitionsAndThePressureOnIt(t *testing.T) {
	m := metrics.New()
	j := job(newInput(4), &output{}, &path{}, &path{}, blocking())
	j.Metrics = m
	if _, err := run(t, t.Context(), j); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	m.Write(&b)
	for _, line := range []string{
		`parallax_v2_partition_records_total{partition="0"} 36`, `parallax_v2_partition_queue_records{partition="0"} 0`,
		`parallax_v2_partition_queue_batches{partition="0"} 0`, `parallax_v2_partition_keys{partition="0"} 0`, `parallax_v2_partition_cpu{partition="0"} -1`,
		`parallax_v2_partition_busy_seconds_total{partition="0"} 0`, `parallax_v2_skew 1`,
		`parallax_v2_backpressure_state 0`, `parallax_v2_pressure 0`, `parallax_throttle_seconds_total 0`,
	} {
		if !strings.Contains(b.String(), line+"\n") {
			t.Errorf("no line %s in\n%s", line, b.String())
		}
	}
	if !strings.Contains(b.String(), `parallax_v2_partition_records_per_second{partition="0"} `) {
		t.Errorf("no rate in\n%s", b.String())
	}
}

func TestSkewIsTheLargestPartOverTheMean(t *testing.T) {
	for want, records := range map[float64][]int64{0: {0, 0}, 1: {7, 7, 7}, 1.5: {30, 10}, 4: {0, 9, 0, 0}} {
		var parts []processors.PartitionStats
		for _, n := range records {
			parts = append(parts, processors.PartitionStats{Records: n})
		}
		if got := throughput.Skew(parts); got != want {
			t.Errorf("%v: %v, want %v", records, got, want)
		}
	}
}

// TestTheSpeedOfV2IsShownWhileItRuns: the ratio of sums, and only where it may be told.
func TestTheSpeedOfV2IsShownWhileItRuns(t *testing.T) {
	slow := func(d time.Duration, spoil bool) *path {
		return &path{act: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) {
			<-time.After(d)
			if spoil {
				o.Changes[0].Values = []row.Value{row.NewBigint(-1)}
			}
			return o, nil
		}}
	}
	for _, c := range []struct {
		spoil bool
		want  string
	}{{false, "parallax_v2_speed_ratio 0.5"}, {true, "parallax_v2_speed_ratio 0"}} {
		synctest.Test(t, func(t *testing.T) {
			j := job(newInput(20), &output{}, slow(10*time.Millisecond, false), slow(20*time.Millisecond, c.spoil), blocking())
			j.Metrics = metrics.New()
			if _, err := run(t, t.Context(), j); err != nil {
				t.Fatal(err)
			}
			hasMetrics(t, j.Metrics, c.want)
		})
	}
}
