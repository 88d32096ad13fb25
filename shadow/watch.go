package shadow

import (
	"time"

	"parallax/processors"
)

// shown is the run's candidate as its metrics show it.
type shown struct{ r *Runner }

func (s shown) Pressure() (float64, int) {
	pressure, state := s.r.observePressure(s.r.present())
	return pressure, int(state)
}

func (s shown) Throttled() time.Duration { return s.r.pressure.read().Throttled.Std() }

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

func (s shown) Description() processors.Description { return s.r.present().describe() }
