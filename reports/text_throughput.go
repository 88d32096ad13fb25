package reports

import (
	"fmt"

	"parallax/reports/gate"
)

// mostRoutings is how many queries' routing the text shows; the JSON has all.
const mostRoutings = 5

func (t *text) throughput(s Summary) {
	p := s.Throughput
	t.line("")
	if p.V1 == nil || p.V2 == nil {
		t.line("throughput    not measured")
		t.censored(p.Censored)
		return
	}
	t.line("throughput    %14s  records/s V1, decoded batch to changelog", gate.Thousands(int64(*p.V1)))
	t.line("              %14s  records/s V2, side by side with V1 (contended)", gate.Thousands(int64(*p.V2)))
	t.ratio("contended", p.Ratio, p.CI95, fmt.Sprintf("over %s batches", gate.Thousands(int64(p.Batches))), p.NotComparable)
	if i := p.Isolated; i != nil {
		over := ""
		if i.MedianRatio != nil {
			over = fmt.Sprintf("median turn %.2f of %d", *i.MedianRatio, i.Pairs)
		}
		t.ratio("isolated", i.Ratio, i.CI95, over, i.NotComparable)
	}
	if p.ShadowTax != nil && p.TaxCI95 != nil {
		t.line("              %14s  shadow tax on a typical batch of V1, 95 %% interval %.1f to %.1f %%; %s pairs of batches",
			fmt.Sprintf("%.1f %%", 100**p.ShadowTax), 100*p.TaxCI95[0], 100*p.TaxCI95[1], gate.Thousands(int64(p.TaxPairs)))
		if q := p.TaxP99; q != nil {
			t.line("              %14s  p99 of V1's time a record with V2 running, %.3f µs with V2 held (%s batches)",
				fmt.Sprintf("%.3f µs", q.Running), q.Held, gate.Thousands(p.HeldBatches))
		}
	}
	if p.DecodeRecordsPer != nil {
		t.line("              %14s  records/s decoded, once for both", gate.Thousands(int64(*p.DecodeRecordsPer)))
	}
	if p.EncodeRecordsPer != nil {
		t.line("              %14s  rows/s encoded by V1's sink", gate.Thousands(int64(*p.EncodeRecordsPer)))
	}
	t.censored(p.Censored)
	t.paths(p.Paths)
}

// ratio is V2's speed over V1's, but never where it says nothing.
func (t *text) ratio(kind string, ratio *float64, interval *[2]float64, over, why string) {
	if ratio == nil {
		t.line("              %14s  V2 to V1, %s: %s", "not comparable", kind, why)
		return
	}
	if interval == nil {
		t.line("              %14s  V2 to V1, %s, too few times for an interval; %s", fmt.Sprintf("%.2f", *ratio), kind, over)
		return
	}
	t.line("              %14s  V2 to V1, %s, 95 %% interval %.2f to %.2f; %s",
		fmt.Sprintf("%.2f", *ratio), kind, interval[0], interval[1], over)
}

func (t *text) censored(c Censored) {
	if c.Batches > 0 {
		t.line("              %14s  batches censored: V2 was given up on them, after up to %.0f ms", gate.Thousands(c.Batches), c.WaitedMS)
	}
}

func (t *text) paths(p Paths) {
	t.line("")
	t.line("%-17s%10s%10s%10s%10s%19s", "ms a batch", "p50", "p95", "p99", "p99.9", "busy s/M records")
	t.times("V1 service", p.V1.ServiceMS, p.V1.BusyPerMillion)
	t.times("V2 service", p.V2.ServiceMS, p.V2.BusyPerMillion)
	t.times("V1 from fetch", p.V1.FetchToDoneMS, nil)
	t.times("V2 from fetch", p.V2.FetchToDoneMS, nil)
}

func (t *text) times(name string, q Times, busy *float64) {
	line := fmt.Sprintf("  %-15s%10.2f%10.2f%10.2f%10.2f", name, q.P50, q.P95, q.P99, q.P999)
	if busy != nil {
		line += fmt.Sprintf("%19.3f", *busy)
	}
	if q.AtLeast {
		line += "  at least"
	}
	t.line("%s", line)
}

func (t *text) partitions(s Summary) {
	if len(s.V2.Partitions) == 0 {
		return
	}
	t.line("")
	t.line("%-26s%12s%12s%10s%14s%12s", "V2 partitions ("+s.V2.Strategy+")", "records", "keys", "busy ms", "most queued", "records/s")
	for i, p := range s.V2.Partitions {
		t.line("  %-24d%12s%12s%10.0f%14s%12s", i, gate.Thousands(p.Records), gate.Thousands(p.Keys), p.BusyMS,
			gate.Thousands(p.Queue), gate.Thousands(int64(p.RecordsPerSec)))
	}
	for i, r := range s.V2.Routing {
		if i == mostRoutings {
			t.line("  ... and %d more queries", len(s.V2.Routing)-i)
			break
		}
		t.wrapped("  routing ", fmt.Sprintf("%s: %s, %s", r.Query, r.Strategy, r.Why))
	}
	if s.V2.Rescales > 0 {
		t.line("  rescaled %s while it ran, at last to %s; the counts are those of all together", times(s.V2.Rescales), s.V2.Processor)
	}
	if s.V2.Skew != nil {
		t.line("  skew (largest to mean) %.2f", *s.V2.Skew)
	}
	if b := s.V2.Backpressure; b.StateMax != "" {
		t.line("  backpressure %s at worst, source throttled for %.0f ms", b.StateMax, b.ThrottledMS)
	}
}
