package performance

import (
	"parallax/reports/gate"
	"parallax/shadow/bench"
)

// sideBySide writes how much V2 slows V1 down.
func (t *text) sideBySide(list []bench.SideBySide) {
	t.modes("V1 with a shadow (on) and without (off)", list, func(s *bench.SideBySide) {
		t.line("    records with V2: %s compared, %s sampled out, %s shed", gate.Thousands(s.Compared), gate.Thousands(s.SampledOut), gate.Thousands(s.Shed))
	})
}

// checkpoints writes how much checkpoints slow V1 down.
func (t *text) checkpoints(list []bench.SideBySide) {
	t.modes("V1 with checkpoints (on) and without (off)", list, func(*bench.SideBySide) {})
}

// modes writes V1's figures on and off, one line for each mode, and more of each.
func (t *text) modes(title string, list []bench.SideBySide, more func(*bench.SideBySide)) {
	if len(list) == 0 {
		return
	}
	t.line("")
	t.line("%-46s %5s %12s %12s %7s %10s %10s %7s %10s %10s %7s", title, "cores",
		"rec/s off", "on", "ratio", "p50 µs off", "on", "ratio", "p99 µs off", "on", "ratio")
	for i := range list {
		s := &list[i]
		t.line("  %-44s %5d %12s %12s %7.2f %10.0f %10.0f %7.2f %10.0f %10.0f %7.2f", s.Scenario+", "+s.Mode, s.Cores,
			gate.Thousands(int64(s.Off.RecordsPerSecond)), gate.Thousands(int64(s.On.RecordsPerSecond)), s.Throughput.Median,
			micros(s.Off, 0.5), micros(s.On, 0.5), s.P50.Median, micros(s.Off, 0.99), micros(s.On, 0.99), s.P99.Median)
		more(s)
	}
}

func micros(s bench.Side, of float64) float64 { return float64(s.At(of).Nanoseconds()) / 1e3 }

// scaling writes V2's speed relative to V1's by number of cores, one line for each number
// of partitions.
func (t *text) scaling(list []bench.Scaling) {
	if len(list) == 0 {
		return
	}
	t.line("")
	t.line("V2's speed over V1's by cores; a predicted one is list-scheduled from the times of the parts of the work")
	for _, s := range list {
		if s.Predicted {
			t.line("  scenario %-4s v2:%d  batches of %7s  %d cores  predicted %5.2f   (no more than %.2f by key skew)",
				s.Scenario, s.Partitions, gate.Thousands(int64(s.Batch)), s.Cores, s.Speedup, s.KeySkewCap)
		} else {
			t.line("  scenario %-4s v2:%d  batches of %7s  %d cores  measured  %5.2f", s.Scenario, s.Partitions, gate.Thousands(int64(s.Batch)), s.Cores, s.Speedup)
		}
	}
}

// peers writes the comparison with other engines, and that their figures are from another
// day.
func (t *text) peers(d *bench.Document) {
	list := bench.Peers(d)
	if len(list) == 0 {
		return
	}
	t.line("")
	t.line("peers, not measured here: their speed on the same data on another day, as a share of that day's floor")
	for _, p := range list {
		t.line("  scenario %-4s %-10s floor is %6.0f times as fast; v1 here would be %5.0f times, direct %5.0f times",
			p.Scenario, p.Name, p.FloorTimes, p.V1Times, p.DirectTimes)
	}
}
