package shadow

import (
	"fmt"
	"time"

	"parallax/shadow/throughput"
)

// watchV2 adds the gauges of a run's V2: the pressure on it and its partitions'
// work, each read when it is scraped.
func (m *Metrics) watchV2(r *Runner) {
	gauge := func(name string, f func() float64) { m.set.GetOrCreateGauge(name, f) }
	gauge("parallax_v2_pressure", func() float64 {
		pressure, _ := r.observePressure(r.present())
		return pressure
	})
	gauge("parallax_v2_backpressure_state", func() float64 {
		_, state := r.observePressure(r.present())
		return float64(state)
	})
	gauge("parallax_throttle_seconds_total", func() float64 { return r.pressure.read().Throttled.Seconds() })
	gauge("parallax_v2_abandoned", func() float64 {
		_, abandoned := r.leftBehind()
		return float64(abandoned)
	})
	m.v2Since = time.Now()
	gauge("parallax_v2_speed_ratio", func() float64 {
		if m.roots.Load() > 0 || m.state.Load() > 0 || r.job.Sample != nil {
			return 0
		}
		return r.tally.speedRatio()
	})
	gauge("parallax_v2_skew", func() float64 { return r.skew() })
	m.watchPartitions(r)
	m.v2.Store(r)
}

// watchPartitions adds the gauges of V2's partitions that have none yet.
func (m *Metrics) watchPartitions(r *Runner) {
	partitions := func() []throughput.Partition {
		return r.partitions.Report(r.workDone(), time.Since(m.v2Since))
	}
	for i := range partitions() {
		for _, g := range partitionGauges {
			m.set.GetOrCreateGauge(fmt.Sprintf(`parallax_v2_partition_%s{partition="%d"}`, g.name, i), func() float64 {
				if all := partitions(); i < len(all) {
					return g.of(all[i])
				}
				return 0 // it cannot say any more
			})
		}
	}
}

// partitionGauges are what is shown of each of V2's partitions. The rate is over
// the time since V2 began.
var partitionGauges = []struct {
	name string
	of   func(throughput.Partition) float64
}{
	{"records_total", func(p throughput.Partition) float64 { return float64(p.Records) }},
	{"records_per_second", func(p throughput.Partition) float64 { return p.RecordsPerSecond }},
	{"queue_records", func(p throughput.Partition) float64 { return float64(p.QueuedRecords) }},
	{"queue_batches", func(p throughput.Partition) float64 { return float64(p.Queue) }},
	{"busy_seconds_total", func(p throughput.Partition) float64 { return float64(p.BusyNanos) / 1e9 }},
	{"keys", func(p throughput.Partition) float64 { return float64(p.Keys) }},
	// The CPU that it is tied to, -1 for none.
	{"cpu", func(p throughput.Partition) float64 { return float64(p.Pinned) - 1 }},
}
