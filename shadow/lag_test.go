package shadow

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors"
	"parallax/processors/row"
)

func TestALagGrowsWhereItsLeastIsMoreThanItsGreatestWas(t *testing.T) {
	const perSecond = 1000 // records that come in
	for _, c := range []struct {
		name    string
		seconds int
		lag     func(second int) int64
		heldUp  func(second int) bool
		want    bool
	}{
		{"none", 300, func(int) int64 { return 0 }, nil, false},
		{"steady", 300, func(s int) int64 { return 50_000 + int64(s%7)*1000 }, nil, false},
		{"growing", 300, func(s int) int64 { return int64(s) * 100 }, nil, true},
		{"growing for a minute", 61, func(s int) int64 { return int64(s) * 100 }, nil, true},
		{"growing for less than a minute", 60, func(s int) int64 { return int64(s) * 100 }, nil, false},
		{"growing within a second of input", 300, func(s int) int64 { return int64(s) * 3 }, nil, false},
		{"caught up for a moment at the end", 300, func(s int) int64 {
			if s == 280 {
				return 0
			}
			return int64(s) * 100
		}, nil, false},
		{"a spike at the beginning", 300, func(s int) int64 {
			if s == 10 {
				return 40_000
			}
			return int64(s) * 100
		}, nil, false},
		{"grown before the last five minutes", 700, func(s int) int64 { return min(int64(s)*100, 30_000) }, nil, false},
		{"shrinking", 300, func(s int) int64 { return 100_000 - int64(s)*100 }, nil, false},
		{"while V2 holds the source up", 300, func(s int) int64 { return int64(s) * 100 }, func(s int) bool { return s%20 == 0 }, false},
		{"after V2 held the source up", 300, func(s int) int64 { return int64(s) * 100 }, func(s int) bool { return s < 200 }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w lagWatch
			begin, read := time.Unix(1_700_000_000, 0), int64(0)
			for s := range c.seconds {
				if s > 0 {
					read += perSecond - (c.lag(s) - c.lag(s-1))
				}
				w.observe(lagSample{at: begin.Add(time.Duration(s) * time.Second), left: c.lag(s), read: read}, c.heldUp != nil && c.heldUp(s))
			}
			if got := w.isGrowing(); got != c.want {
				t.Errorf("growing is %v", got)
			}
			if len(w.samples) > 301 {
				t.Errorf("%d samples are kept", len(w.samples))
			}
		})
	}
}

// lagging is a Source of ten records a second, of which a number is left that grows.
type lagging struct {
	left  int64 // more each second
	read  int64
	ends  int64 // after so many records
	begin time.Time
}

func (s *lagging) Next(ctx context.Context) (*row.Batch, error) {
	if s.read >= s.ends {
		return nil, io.EOF
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(time.Second):
	}
	b := batchOf(int(s.read/10), 10)
	s.read += 10
	return b, nil
}

func (s *lagging) Lag() (left, read int64) {
	return int64(time.Since(s.begin)/time.Second) * s.left, int64(time.Since(s.begin)/time.Second) * 10
}

type discard struct{}

func (discard) Emit(context.Context, *row.Batch, []row.Change, []row.DeadLetter) error { return nil }

func (discard) Commit(context.Context) error { return nil }

func TestARunSaysWhetherV1FallsBehind(t *testing.T) {
	for name, c := range map[string]struct {
		left   int64
		policy Overload
		takes  time.Duration // V2, for a batch
		want   bool
	}{
		"it falls behind":                       {5, Shed, 0, true},
		"it keeps up":                           {0, Shed, 0, false},
		"block waits for V2, and V1 could keep": {5, Block, 1200 * time.Millisecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v2 := DefaultV2()
				v2.OnOverload, v2.Backpressure.Enabled = c.policy, true
				r, err := New(Job{
					Source: &lagging{left: c.left, ends: 2000, begin: time.Now()}, Output: discard{},
					V1:     func() (processors.Processor, error) { return &slowV2{}, nil },
					V2:     func() (processors.Processor, error) { return &slowV2{takes: c.takes}, nil },
					Config: Config{V2: v2, Commit: DefaultCommit()},
				})
				if err != nil {
					t.Fatal(err)
				}
				rep, err := r.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if rep.LagGrowing != c.want {
					t.Errorf("growing is %v; throttled for %v", rep.LagGrowing, rep.Pressure.Throttled)
				}
			})
		})
	}
}
