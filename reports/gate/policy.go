// Package gate turns evidence into a verdict by a policy. It is pure: the verdict depends
// on the evidence and the policy only.
//
// Stability: stable.
package gate

import (
	"fmt"
	"time"

	"parallax/diff"
)

// Policy is the job file's `gate:`, what a run must have shown to pass.
type Policy struct {
	// MinRecords is how many records must have been compared or filtered.
	MinRecords int64 `koanf:"min_records" json:"min_records"`
	// MinKeys is how many distinct keys must have been compared in each output that has
	// a key.
	MinKeys int64 `koanf:"min_keys" json:"min_keys"`
	// MinUnits is how many units must have been compared in each output. A unit is a key in
	// a window, a key, a window or a row, depending on the output.
	MinUnits int64 `koanf:"min_units" json:"min_units"`
	// MinPartitions is how many of V2's partitions must have had records of each query's
	// first stage. A query that cannot be split needs 1.
	MinPartitions int `koanf:"min_partitions" json:"min_partitions"`
	// MaxLate is the largest fraction of the records, compared or filtered, that may be late
	// for every window.
	MaxLate float64 `koanf:"max_late" json:"max_late"`
	// MaxProbability is the largest acceptable upper bound on the probability that a unit
	// of an output diverges.
	MaxProbability float64 `koanf:"max_probability" json:"max_probability"`
	// Confidence is the confidence of the upper bound that max_probability limits.
	Confidence float64 `koanf:"confidence" json:"confidence"`
	// MinEventTime is how much event time the run must span: a duration, or auto, which is
	// twice the largest window plus the smaller of the lateness seen and a window's grace.
	MinEventTime string `koanf:"min_event_time" json:"min_event_time"`
	// Strata are minimums for rows of rare kinds.
	Strata Strata `koanf:"strata" json:"strata,omitzero"`
	// MaxTolerated is the largest fraction of an output's rows that all diff.rules and
	// accepted signatures together may tolerate.
	MaxTolerated float64 `koanf:"max_tolerated" json:"max_tolerated"`
	// MaxSlowdown turns the performance gate on (exit code 4): V2 may be slower than V1 by
	// this fraction of V1's speed, 0.1 for a tenth. Without it there is no such gate.
	MaxSlowdown *float64 `koanf:"max_slowdown" json:"max_slowdown"`
}

// DefaultPolicy returns the defaults.
func DefaultPolicy() Policy {
	return Policy{MinRecords: 10_000, MinKeys: 1_000, MinUnits: 3_000, MinPartitions: 2, MaxLate: 0.05, MaxProbability: 0.001, Confidence: 0.95, MinEventTime: "auto", MaxTolerated: 0.05}
}

// Validate names the field and the value that cannot be used.
func (p Policy) Validate() error {
	switch {
	case p.MinRecords < 0:
		return fmt.Errorf("gate.min_records: %d must not be negative", p.MinRecords)
	case p.MinKeys < 0:
		return fmt.Errorf("gate.min_keys: %d must not be negative", p.MinKeys)
	case p.MinKeys > diff.MostKeys:
		return fmt.Errorf("gate.min_keys: %d must be at most %d: more keys are not counted", p.MinKeys, diff.MostKeys)
	case p.MinUnits < 0:
		return fmt.Errorf("gate.min_units: %d must not be negative", p.MinUnits)
	case !(p.MaxProbability > 0 && p.MaxProbability <= 1):
		return fmt.Errorf("gate.max_probability: %v must be greater than 0 and at most 1", p.MaxProbability)
	case !(p.Confidence > 0 && p.Confidence < 1):
		return fmt.Errorf("gate.confidence: %v must be between 0 and 1", p.Confidence)
	}
	if p.MinPartitions < 1 {
		return fmt.Errorf("gate.min_partitions: %d must be at least 1", p.MinPartitions)
	}
	if l := p.MaxLate; !(l >= 0 && l <= 1) {
		return fmt.Errorf("gate.max_late: %v must be between 0 and 1", l)
	}
	if t := p.MaxTolerated; !(t >= 0 && t <= 1) {
		return fmt.Errorf("gate.max_tolerated: %v must be between 0 and 1", t)
	}
	if s := p.MaxSlowdown; s != nil && !(*s >= 0 && *s < 1) {
		return fmt.Errorf("gate.max_slowdown: %v must be at least 0 and below 1", *s)
	}
	if err := p.Strata.validate(); err != nil {
		return err
	}
	_, _, err := p.minEventTime()
	return err
}

func (p Policy) minEventTime() (d time.Duration, auto bool, err error) {
	if p.MinEventTime == "" || p.MinEventTime == "auto" {
		return 0, true, nil
	}
	d, err = time.ParseDuration(p.MinEventTime)
	if err != nil || d < 0 {
		return 0, false, fmt.Errorf("gate.min_event_time: %q must be auto or a duration such as 10m", p.MinEventTime)
	}
	return d, false, nil
}
