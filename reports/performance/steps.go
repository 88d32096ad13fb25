package performance

import (
	"fmt"

	"parallax/reports/gate"
	"parallax/shadow/bench"
)

// batchSizes writes how large batches affect each path.
func (t *text) batchSizes(list []bench.BatchSize) {
	if len(list) == 0 {
		return
	}
	t.line("")
	t.line("speed with large batches over that with small ones, the same records in turn")
	for _, s := range list {
		t.line("  scenario %-4s %-8s %d cores  batches of %7s (%s) over %5s  %5.2f (%.2f to %.2f)  cpu %5.2f  %10s  %s", s.Scenario, s.Path, s.Cores,
			gate.Thousands(int64(s.Batch)), gate.Thousands(int64(s.Mean)), gate.Thousands(int64(s.Against)), s.Ratio.Median, s.Ratio.Min, s.Ratio.Max, s.CPURatio.Median,
			gate.Thousands(int64(s.Rows)), s.Checksum)
	}
}

// breakdown writes how direct's time is spent.
func (t *text) breakdown(list []bench.Breakdown) {
	if len(list) == 0 {
		return
	}
	t.line("")
	t.line("%-22s %8s %9s %8s %8s %9s %9s %10s  %s", "direct, ns a record", "whole", "decoding", "engine", "rows", "encoding", "remainder", "rows out", "checksum")
	for _, b := range list {
		t.line("  scenario %-11s %8.1f %9.1f %8.1f %8.1f %9.1f %9.1f %10s  %s", b.Scenario, b.Whole, b.Decoding, b.Engine, b.Rows, b.Encoding, b.Remainder,
			gate.Thousands(int64(b.RowsOut)), b.Checksum)
	}
}

func batchSizesSection(d *bench.Document) string {
	var m markdown
	m.head("scenario", "path", " cores", " batch, at most", " over", " records a batch", " speed", " min to max", " CPU", " rows", "checksum")
	for _, s := range d.BatchSizes {
		m.row(s.Scenario, s.Path, fmt.Sprint(s.Cores), count(s.Batch), count(s.Against), count(s.Mean), times(s.Ratio.Median),
			times(s.Ratio.Min)+" to "+times(s.Ratio.Max), times(s.CPURatio.Median), count(s.Rows), "`"+s.Checksum+"`")
	}
	return m.b.String()
}

func breakdownSection(d *bench.Document) string {
	var m markdown
	m.head("scenario", " whole", " decoding", " engine", " rows", " encoding", " remainder", " rows out", "checksum")
	for _, b := range d.Breakdown {
		m.row(b.Scenario, step(b.Whole, b.Whole), step(b.Decoding, b.Whole), step(b.Engine, b.Whole), step(b.Rows, b.Whole),
			step(b.Encoding, b.Whole), step(b.Remainder, b.Whole), count(b.RowsOut), "`"+b.Checksum+"`")
	}
	return m.b.String()
}

// step is a time in ns and its share of the whole.
func step(ns, whole float64) string {
	if ns == whole || whole == 0 {
		return fmt.Sprintf("%.0f", ns)
	}
	return fmt.Sprintf("%.0f (%.0f %%)", ns, 100*ns/whole)
}

// batchSizeReadings returns how large batches affect each path, in its worst scenario.
func batchSizeReadings(d *bench.Document) (list []reading) {
	var order []string
	worst := map[string]bench.BatchSize{}
	for _, s := range d.BatchSizes {
		name := fmt.Sprintf("%s, %d cores", s.Path, s.Cores)
		if s.Cores == 1 {
			name = s.Path + ", one core"
		}
		old, seen := worst[name]
		if !seen {
			order = append(order, name)
		}
		if !seen || s.Ratio.Median < old.Ratio.Median {
			worst[name] = s
		}
	}
	for _, name := range order {
		s := worst[name]
		list = append(list, reading{fmt.Sprintf("%s: %s in %s", name, spread(s.Ratio), s.Scenario), s.Ratio.Median >= 0.90})
	}
	return list
}
