package performance

import (
	"fmt"

	"parallax/reports/gate"
	"parallax/shadow/bench"
)

// stages writes what verify-then-emit costs V1.
func (t *text) stages(list []bench.StageCost) {
	if len(list) == 0 {
		return
	}
	t.line("")
	t.line("%-40s %10s %12s %7s %10s %10s %12s %12s %10s  %s", "V1 in the stages of a migration", "stage", "rec/s", "/shadow",
		"p50 µs", "p99 µs", "wait p50 µs", "wait p99 µs", "rows", "checksum")
	for i := range list {
		s := &list[i]
		t.line("  %-38s %10s %12s %7.2f %10s %10s %12s %12s %10s  %s", "scenario "+s.Scenario+", "+s.Mode, s.Stage,
			gate.Thousands(int64(s.RecordsPerSecond.Median)), s.Throughput.Median, inMicros(s.P50.Median), inMicros(s.P99.Median),
			inMicros(s.WaitP50.Median), inMicros(s.WaitP99.Median), gate.Thousands(int64(s.Rows)), s.Checksum)
	}
}

func stagesSection(d *bench.Document) string {
	var m markdown
	m.head("mode", "stage", " records/s due", " records/s", " of shadow", " p50 µs", " p99 µs", " emit_wait p50 µs", " emit_wait p99 µs", " fallbacks", " records", " rows", " of V2", "checksum")
	for i := range d.Stages {
		s := &d.Stages[i]
		due, wait50, wait99 := "", "", ""
		if s.Due > 0 {
			due = gate.Thousands(int64(s.Due))
		}
		if s.WaitP99.Max > 0 {
			wait50, wait99 = microSpread(s.WaitP50), microSpread(s.WaitP99)
		}
		m.row("scenario "+s.Scenario+", "+s.Mode, s.Stage, due, gate.Thousands(int64(s.RecordsPerSecond.Median)), spread(s.Throughput),
			microSpread(s.P50), microSpread(s.P99), wait50, wait99, fmt.Sprint(s.Fallbacks),
			count(s.Records), count(s.Rows), gate.Thousands(s.RowsOfV2), "`"+s.Checksum+"`")
	}
	return m.b.String()
}

// inMicros is a number of ns, in µs.
func inMicros(ns float64) string { return gate.Thousands(int64(ns / 1e3)) }

// microSpread is a median with its extremes, in µs.
func microSpread(s bench.Spread) string {
	return fmt.Sprintf("%s (%s to %s)", inMicros(s.Median), inMicros(s.Min), inMicros(s.Max))
}
