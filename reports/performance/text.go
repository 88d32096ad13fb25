// Package performance renders the results of a run of the benchmark: as a table, as a page
// with plots, and compared with the bar. It measures nothing.
//
// Stability: ours.
package performance

import (
	"fmt"
	"io"
	"strings"

	"parallax/reports/gate"
	"parallax/shadow/bench"
)

// text collects lines; the first error of its writer counts.
type text struct {
	w   io.Writer
	err error
}

func (t *text) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintln(t.w, strings.TrimRight(fmt.Sprintf(format, args...), " "))
	}
}

// Text writes a document for a person at a terminal.
func Text(w io.Writer, d *bench.Document) error {
	t := &text{w: w}
	m := d.Machine
	t.line("%d x %s, %s MiB, %s %s/%s", m.Cores, orUnknown(m.CPU), gate.Thousands(m.MemoryMiB), m.Go, m.OS, m.Arch)
	t.table(d.Results)
	t.batchSizes(d.BatchSizes)
	t.breakdown(d.Breakdown)
	t.sideBySide(d.SideBySide)
	t.checkpoints(d.Checkpoints)
	t.stages(d.Stages)
	t.scaling(d.Scaling)
	t.peers(d)
	if len(d.Notes)+len(d.Skipped) > 0 {
		t.line("")
	}
	for _, n := range d.Notes {
		t.line("note: %s", n)
	}
	for _, s := range d.Skipped {
		t.line("skipped: %s", s)
	}
	return t.err
}

func orUnknown(s string) string {
	if s == "" {
		return "CPU of unknown name"
	}
	return s
}

// table has a row for each result, a block for each scenario.
func (t *text) table(results []bench.Result) {
	scenario := ""
	for _, r := range results {
		if r.Scenario != scenario {
			scenario = r.Scenario
			t.line("")
			t.line("scenario %-13s %7s %5s %8s %8s %8s %7s %8s %6s %6s %6s %10s  %s", scenario,
				"batch", "cores", "ns min", "median", "max", "cpu ns", "allocs", "/floor", "/dir.", "/v1", "rows", "checksum")
		}
		t.row(r)
	}
}

func (t *text) row(r bench.Result) {
	if r.NsPerRecord == nil {
		t.line("  %-20s %7s %5d %62s %10s  %s", r.Path, gate.Thousands(int64(r.Batch)), r.Cores, "its rows differ: no figure", gate.Thousands(int64(r.Rows)), r.Checksum)
		t.line("    %s", r.Differs)
		return
	}
	n := r.NsPerRecord
	name := r.Path
	if r.Broker != "" {
		name += " " + r.Broker
	}
	extra := ""
	if r.Scenario == bench.DataScenario && r.Strategy != "" {
		extra = fmt.Sprintf("  %s, skew %.2f", r.Strategy, r.Skew)
	}
	if v, ok := r.RatioTo["kafka-plain"]; ok {
		extra = fmt.Sprintf("  %.2f of the plain loop, %s records a transaction", v, gate.Thousands(int64(r.Transaction)))
	}
	if v, ok := r.RatioTo["kafka-floor"]; ok {
		extra += fmt.Sprintf(", %.2f of kafka-floor", v)
	}
	if v, ok := r.RatioTo["kafka-v1"]; ok && r.Path == "kafka" {
		extra += fmt.Sprintf(", %.2f of kafka-v1", v)
	}
	t.line("  %-20s %7s %5d %8.1f %8.1f %8.1f %7.0f %8.4f %6s %6s %6s %10s  %s%s", name, gate.Thousands(int64(r.Batch)), r.Cores,
		n.Min, n.Median, n.Max, *r.CPUNsPerRecord, *r.AllocsPerRecord,
		ratio(r, "floor"), ratio(r, "direct"), ratio(r, "v1"), gate.Thousands(int64(r.Rows)), r.Checksum, extra)
}

// ratio is a result's speed relative to another path's, "" if it was not measured.
func ratio(r bench.Result, to string) string {
	v, ok := r.RatioTo[to]
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.2f", v)
}
