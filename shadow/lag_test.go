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
