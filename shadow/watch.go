package shadow

import (
	"context"
	"time"

	"parallax/processors"
	"parallax/shadow/candidate"
	"parallax/shadow/evidence"
)

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
	if r.candidate == nil {
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
