package shadow

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
	"parallax/shadow/guard"
)

// logStatus logs what line returns, every so often, until stop; every 0 is never. stop does
// not wait for a line that is being made.
func logStatus(ctx context.Context, log *slog.Logger, every time.Duration, line func() []any) (stop func()) {
	if every <= 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var logging sync.Mutex // no line comes after stop
	go func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				attrs := line()
				logging.Lock()
				if ctx.Err() == nil {
					log.Info("status", attrs...)
				}
				logging.Unlock()
			}
		}
	}()
	return func() {
		logging.Lock()
		defer logging.Unlock()
		cancel()
	}
}

// statusLine is how the run is now, as slog's pairs.
func (r *Runner) statusLine() []any {
	rep := r.Report()
	lag := "unknown"
	if source, ok := r.job.Source.(Lagger); ok {
		left, _ := source.Lag()
		lag = fmt.Sprint(left)
	}
	line := describeStatus(rep, lag)
	if r.job.MoreStatus != nil {
		line = append(line, r.job.MoreStatus(rep)...)
	}
	return line
}

// describeStatus returns the fields of the status line; lag is the number of records that are left.
func describeStatus(rep evidence.Report, lag string) []any {
	ratio := "not comparable"
	if c := rep.Throughput.Contended; c.Comparable {
		ratio = fmt.Sprintf("%.2f", c.Value)
	}
	return []any{
		"records", rep.Ledger.Records(), "lag", lag, "level held", rep.Diff.LevelHeld.String(), "roots", rep.Diff.Root, "cascades", rep.Diff.Cascade,
		"V2 to V1", ratio, "V2", rep.State,
	}
}

// describeState says in words whether the candidate is there.
func describeState(c *candidate.Candidate) string {
	gone := c.Detachment()
	switch {
	case gone != nil && gone.Err != nil:
		return fmt.Sprintf("detached (%s): %s", gone.Kind, guard.FirstLine(gone.Err))
	case gone != nil:
		return "detached"
	case c.IsComing():
		return "is being given V1's state"
	}
	return "running"
}

// Redaction says which values of records must not be shown in evidence, logs and errors.
type Redaction interface {
	diff.Redaction
	// Salted returns what is recorded instead of the hash of a key.
	Salted(hash uint64) uint64
}

// errorText returns what is shown of the text of an error that may contain any value; nil for all
// of it.
func (j *Job) errorText() func(string) string {
	if j.Redaction == nil {
		return nil
	}
	return j.Redaction.ReplaceError
}

// rowText returns what is shown of the text of a row; nil for all of it.
func (j *Job) rowText() func(string) string {
	if j.Redaction == nil {
		return nil
	}
	return j.Redaction.Replace
}

// shown is the run's candidate as its metrics show it.
type shown struct{ r *Runner }

func (s shown) Pressure() (float64, int) {
	c := s.r.present()
	pressure, state := s.r.observePressure(c, c.Partitions())
	return pressure, int(state)
}

func (s shown) Throttled() time.Duration { return s.r.pressure.Read().Throttled.Std() }

func (s shown) Abandoned() int {
	_, abandoned := s.r.leftBehind()
	return abandoned
}

func (s shown) SpeedRatio() float64 {
	if s.r.job.Sample != nil {
		return 0
	}
	return s.r.tally.speedRatio()
}

func (s shown) Skew() float64 { return s.r.skew() }

func (s shown) Partitions() []processors.PartitionStats { return s.r.workDone() }

func (s shown) Description() processors.Description { return s.r.present().Describe() }

// throttle observes the pressure on the candidate and, under on_overload: block, holds
// the source up as long as it is too high. ctx cuts that short.
func (r *Runner) throttle(ctx context.Context) error {
	if r.compared() == nil {
		return nil
	}
	r.observePressure(r.candidate, r.candidate.LatestPartitions())
	if r.job.Config.Candidate.OnOverload != candidate.Block {
		return nil
	}
	return r.pressure.Wait(ctx)
}

// observePressure returns the pressure on a candidate whose counts are stats; while that is
// held, as it was before.
func (r *Runner) observePressure(c *candidate.Candidate, stats []processors.PartitionStats) (float64, evidence.PressureState) {
	r.partitions.See(stats)
	if b, ok := c.Backlog(stats); ok {
		return r.pressure.Observe(b)
	}
	return r.pressure.Last()
}
