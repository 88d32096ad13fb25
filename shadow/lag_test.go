package shadow_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/candidate"
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
	list := make([]row.Record, 10)
	for i := range list {
		list[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "in"}, Offset: s.read + int64(i), Watermark: row.NoWatermark}
	}
	b := row.NewBatch(s.read/10, s.read, list, []*row.Table{nil})
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
		policy candidate.Overload
		takes  time.Duration // V2, for a batch
		want   bool
	}{
		"it falls behind":                       {5, candidate.Shed, 0, true},
		"it keeps up":                           {0, candidate.Shed, 0, false},
		"block waits for V2, and V1 could keep": {5, candidate.Block, 1200 * time.Millisecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := shadow.Config{Candidate: candidate.Default(), Commit: shadow.DefaultCommit()}
				cfg.Candidate.OnOverload, cfg.Candidate.Backpressure.Enabled = c.policy, true
				j := job(nil, nil, taking(0), taking(c.takes), cfg)
				j.Source, j.Output = &lagging{left: c.left, ends: 2000, begin: time.Now()}, discard{}
				rep, err := run(t, t.Context(), j)
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
