package shadow

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"parallax/diff"
	"parallax/shadow/candidate"
	"parallax/shadow/guard"
)

// status is how a run is at a time, for one line of the log.
type status struct {
	records int64
	// lag is how many records are left to the end of the input, -1 where that is not
	// known.
	lag            int64
	levelHeld      diff.Level
	roots, cascade int64
	// ratio is V2's speed over V1's, 0 where it says nothing.
	ratio float64
	v2    string
}

// attrs are the status as slog's pairs.
func (s status) attrs() []any {
	lag, ratio := "unknown", "not comparable"
	if s.lag >= 0 {
		lag = fmt.Sprint(s.lag)
	}
	if s.ratio > 0 {
		ratio = fmt.Sprintf("%.2f", s.ratio)
	}
	return []any{
		"records", s.records, "lag", lag, "level held", s.levelHeld.String(), "roots", s.roots, "cascades", s.cascade,
		"V2 to V1", ratio, "V2", s.v2,
	}
}

// reportStatus logs what now returns, every so often, until stop; every 0 is never.
func reportStatus(ctx context.Context, log *slog.Logger, every time.Duration, now func() status) (stop func()) {
	if every <= 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				log.Info("status", now().attrs()...)
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// status is how the run is now. Any goroutine may ask once the run has started.
func (r *Runner) status() status {
	s := status{records: r.ledger.snapshot().Records(), lag: -1, v2: "off"}
	if source, ok := r.job.Source.(Lagger); ok {
		s.lag, _ = source.Lag()
	}
	s.roots, s.cascade, s.levelHeld = r.comparer.standing.get()
	c := r.present()
	if c == nil {
		return s
	}
	var running bool
	if s.v2, running = describeState(c); running && s.roots == 0 && r.job.Sample == nil {
		s.ratio = r.tally.speedRatio()
	}
	return s
}

// describeState says in words whether V2 is there.
func describeState(c *candidate.Candidate) (text string, running bool) {
	gone := c.Detachment()
	switch {
	case gone != nil && gone.Err != nil:
		return fmt.Sprintf("detached (%s): %s", gone.Kind, guard.FirstLine(gone.Err)), false
	case gone != nil:
		return "detached", false
	case c.IsComing():
		return "is being given V1's state", false
	}
	return "running", true
}
