package metrics

import (
	"fmt"
	"time"

	"parallax/processors"
	"parallax/shadow/throughput"
)

// Candidate provides the figures of a run's candidate. Each is read when metrics are
// scraped, on any goroutine.
type Candidate interface {
	// Pressure is the pressure on it, and the number of the state that this is.
	Pressure() (pressure float64, state int)
	// Throttled is how long the source was delayed for the candidate.
	Throttled() time.Duration
	// Abandoned is how many were detached and still run.
	Abandoned() int
	// SpeedRatio is its speed over the control's, 0 where that cannot be compared.
	SpeedRatio() float64
	// Skew is its largest partition's records over the mean.
	Skew() float64
	// Partitions are its partitions' counts since the first candidate started.
	Partitions() []processors.PartitionStats
	// Description is the candidate's description of itself.
	Description() processors.Description
}

// Watch adds the gauges of a run's candidate.
func (m *Metrics) Watch(c Candidate) {
	gauge := func(name string, f func() float64) { m.set.GetOrCreateGauge(name, f) }
	gauge("parallax_v2_pressure", func() float64 {
		pressure, _ := c.Pressure()
		return pressure
	})
	gauge("parallax_v2_backpressure_state", func() float64 {
		_, state := c.Pressure()
		return float64(state)
	})
	gauge("parallax_throttle_seconds_total", func() float64 { return c.Throttled().Seconds() })
	gauge("parallax_v2_abandoned", func() float64 { return float64(c.Abandoned()) })
	m.since = time.Now()
	gauge("parallax_v2_speed_ratio", func() float64 {
		if m.roots.Load() > 0 || m.state.Load() > 0 {
			return 0
		}
		return c.SpeedRatio()
	})
	gauge("parallax_v2_skew", c.Skew)
	m.watchPartitions(c)
	m.candidate.Store(&c)
}

// watchPartitions adds gauges for partitions of the candidate that have none yet.
func (m *Metrics) watchPartitions(c Candidate) {
	for i := range c.Partitions() {
		for _, g := range partitionGauges {
			m.set.GetOrCreateGauge(fmt.Sprintf(`parallax_v2_partition_%s{partition="%d"}`, g.name, i), func() float64 {
				if all := c.Partitions(); i < len(all) {
					return g.of(all[i], time.Since(m.since))
				}
				return 0 // the partition no longer exists
			})
		}
	}
}

// partitionGauges are the gauges of each partition. Rates are over the time since the first
// candidate started.
var partitionGauges = []struct {
	name string
	of   func(p processors.PartitionStats, since time.Duration) float64
}{
	{"records_total", func(p processors.PartitionStats, _ time.Duration) float64 { return float64(p.Records) }},
	{"records_per_second", throughput.PerSecond},
	{"queue_records", func(p processors.PartitionStats, _ time.Duration) float64 { return float64(p.QueuedRecords) }},
	{"queue_batches", func(p processors.PartitionStats, _ time.Duration) float64 { return float64(p.Queue) }},
	{"busy_seconds_total", func(p processors.PartitionStats, _ time.Duration) float64 { return float64(p.BusyNanos) / 1e9 }},
	{"keys", func(p processors.PartitionStats, _ time.Duration) float64 { return float64(p.Keys) }},
	// The CPU that the partition is tied to, -1 for none.
	{"cpu", func(p processors.PartitionStats, _ time.Duration) float64 { return float64(p.Pinned) - 1 }},
}
