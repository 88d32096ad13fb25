package shadow_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors"
	"parallax/processors/row"
	"parallax/shadow/metrics"
)

// lingering is a V2 that fails at once and does not end properly.
type lingering struct {
	*v2
	close, restore func()
	leaked         func() int
}

func (l *lingering) Close() error {
	l.close()
	return l.V2.Close()
}

func (l *lingering) Restore(s *snapshot) error {
	l.restore()
	return l.V2.Restore(s)
}

func (l *lingering) Leaked() int { return l.leaked() }

func failing() *v2 {
	return &v2{spoil: func(context.Context, *row.Outcome) (*row.Outcome, error) { return nil, errors.New("out of cheese") }}
}

func TestAV2ThatIsAbandonedTooOftenStaysAway(t *testing.T) {
	for _, c := range []struct {
		name string
		// make returns the n-th V2, from 0; none of it ends before release does.
		make func(n int, release <-chan struct{}) *lingering
		// first is how many of the V2s end properly.
		first int64
	}{
		{name: "hung in a batch", make: func(_ int, release <-chan struct{}) *lingering {
			return &lingering{v2: &v2{spoil: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) { <-release; return o, nil }}}
		}},
		{name: "hung in Close", make: func(_ int, release <-chan struct{}) *lingering {
			return &lingering{v2: failing(), close: func() { <-release }}
		}},
		{name: "goroutines left after Close", make: func(_ int, release <-chan struct{}) *lingering {
			return &lingering{v2: failing(), leaked: func() int {
				select {
				case <-release:
					return 0
				default:
					return 1
				}
			}}
		}},
		{name: "hung in Restore", first: 1, make: func(_ int, release <-chan struct{}) *lingering {
			return &lingering{v2: failing(), restore: func() { <-release }}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config()
				cfg.Candidate.Deadline, cfg.Candidate.MaxAbandoned = 500*time.Millisecond, 2
				release := make(chan struct{})
				p, in := trades(300)
				j, _ := stateJob(p, in, cfg, 2, nil)
				var built atomic.Int64
				j.Candidate = func() (processors.Processor, error) {
					l := c.make(int(built.Add(1))-1, release)
					inner, err := newV2(p, 2)
					l.V2 = inner
					if l.close == nil {
						l.close = func() {}
					}
					if l.restore == nil {
						l.restore = func() {}
					}
					if l.leaked == nil {
						l.leaked = inner.Leaked
					}
					return l, err
				}
				m := metrics.New()
				var log strings.Builder
				j.Metrics, j.Log = m, slog.New(slog.NewTextHandler(&log, nil))
				rep, err := run(t, t.Context(), j)
				if err != nil {
					t.Fatal(err)
				}
				if want := 2 + c.first; built.Load() != want {
					t.Errorf("%d V2s were made, want %d", built.Load(), want)
				}
				const why = "stays away until the job restarts: 2 V2s were detached and still run"
				if len(rep.Holes) == 0 || rep.Holes[len(rep.Holes)-1].To != -1 || !strings.Contains(rep.Holes[len(rep.Holes)-1].Reason, why) {
					t.Errorf("holes %+v, want the last one open, with the reason that V2 %s", rep.Holes, why)
				}
				if !strings.Contains(rep.Detached, why) || rep.Shed {
					t.Errorf("detached %q, shed %v", rep.Detached, rep.Shed)
				}
				if n := strings.Count(log.String(), why); n != 1 || !strings.Contains(log.String(), "restart the job") {
					t.Errorf("the log says %d times that V2 stays away:\n%s", n, log.String())
				}
				closed(t, rep.Ledger, 15000)
				hasMetrics(t, m, "parallax_v2_abandoned 2", "parallax_v2_detached 1")
				close(release)
				synctest.Wait()
				time.Sleep(time.Second) // of the test's own clock: goroutines that were left are looked for each second
				synctest.Wait()
				hasMetrics(t, m, "parallax_v2_abandoned 0")
				_, again := trades(300)
				sameAsAlone(t, j.Output, p, again)
			})
		})
	}
}

func TestV2sThatEndInTheEndAreNotAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Candidate.Deadline, cfg.Candidate.MaxAbandoned, cfg.Candidate.ReseedMax = 500*time.Millisecond, 1, 5*time.Second
		p, in := trades(300)
		var releases []chan struct{}
		j, built := stateJob(p, in, cfg, 2, func(n int) *v2 {
			release := make(chan struct{})
			releases = append(releases, release)
			// It goes on within the deadline that it has to end after it was detached.
			time.AfterFunc(900*time.Millisecond, func() { close(release) })
			return &v2{spoil: func(_ context.Context, o *row.Outcome) (*row.Outcome, error) { <-release; return o, nil }}
		})
		m := metrics.New()
		j.Metrics = m
		rep, err := run(t, t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		if built.Load() < 5 || rep.Reseeds != built.Load()-1 {
			t.Errorf("%d V2s, %d reseeds; want that each that ends is followed by another one", built.Load(), rep.Reseeds)
		}
		synctest.Wait()
		hasMetrics(t, m, "parallax_v2_abandoned 0")
	})
}
