package reports

import (
	"fmt"

	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// mostRoutings is how many queries' routing the text shows; the JSON has all.
const mostRoutings = 5

func (t *text) throughput(s Summary) {
	p := s.Throughput
	t.line("")
	if p.V1.RecordsPerSecond == 0 || p.V2.RecordsPerSecond == 0 {
		t.line("throughput    not measured")
		t.censored(p.Censored)
		return
	}
	t.line("throughput    %14s  records/s V1, decoded batch to changelog", gate.Thousands(int64(p.V1.RecordsPerSecond)))
	t.line("              %14s  records/s V2, side by side with V1 (contended)", gate.Thousands(int64(p.V2.RecordsPerSecond)))
	t.ratio("contended", p.Contended, fmt.Sprintf("over %s batches", gate.Thousands(int64(p.Contended.Batches))))
	if i := p.Isolated; i != nil {
		over := ""
		if i.Median != 0 {
			over = fmt.Sprintf("median turn %.2f of %d", i.Median, i.Pairs)
		}
		t.ratio("isolated", *i, over)
	}
	if tax := p.Tax; tax.Value != nil && tax.CI95 != nil {
		t.line("              %14s  shadow tax on a typical batch of V1, 95 %% interval %.1f to %.1f %%; %s pairs of batches",
			fmt.Sprintf("%.1f %%", 100**tax.Value), 100*tax.CI95[0], 100*tax.CI95[1], gate.Thousands(int64(tax.Pairs)))
		if q := tax.P99; q != nil {
			t.line("              %14s  p99 of V1's time a record with V2 running, %.3f µs with V2 paused (%s batches)",
				fmt.Sprintf("%.3f µs", q.Running), q.Held, gate.Thousands(tax.Held))
		}
	}
	if p.Decoded != 0 {
		t.line("              %14s  records/s decoded, once for both", gate.Thousands(int64(p.Decoded)))
	}
	if p.Encoded != 0 {
		t.line("              %14s  rows/s encoded by V1's sink", gate.Thousands(int64(p.Encoded)))
	}
	t.censored(p.Censored)
	t.paths(p.Paths)
}

// ratio writes V2's speed relative to V1's, or why there is no ratio.
func (t *text) ratio(kind string, r evidence.Ratio, over string) {
	if r.Value == 0 {
		t.line("              %14s  V2 to V1, %s: %s", "not comparable", kind, r.Why)
		return
	}
	if !r.CI95.IsKnown() {
		t.line("              %14s  V2 to V1, %s, too few times for an interval; %s", fmt.Sprintf("%.2f", r.Value), kind, over)
		return
	}
	t.line("              %14s  V2 to V1, %s, 95 %% interval %.2f to %.2f; %s",
		fmt.Sprintf("%.2f", r.Value), kind, r.CI95[0], r.CI95[1], over)
}

func (t *text) censored(c evidence.Censored) {
	if c.Batches > 0 {
		t.line("              %14s  batches censored: V2 did not finish them, and the wait ended after up to %.0f ms", gate.Thousands(c.Batches), c.Waited.Milliseconds())
	}
}

func (t *text) paths(p evidence.Paths) {
	t.line("")
	t.line("%-17s%10s%10s%10s%10s%19s", "ms a batch", "p50", "p95", "p99", "p99.9", "busy s/M records")
	t.times("V1 service", p.V1.Service, p.V1.BusyPerMillion)
	t.times("V2 service", p.V2.Service, p.V2.BusyPerMillion)
	t.times("V1 from fetch", p.V1.FetchToDone, 0)
	t.times("V2 from fetch", p.V2.FetchToDone, 0)
}

func (t *text) times(name string, q evidence.Quantiles, busy evidence.Figure) {
	line := fmt.Sprintf("  %-15s%10.2f%10.2f%10.2f%10.2f", name, q.P50.Milliseconds(), q.P95.Milliseconds(), q.P99.Milliseconds(), q.P999.Milliseconds())
	if busy != 0 {
		line += fmt.Sprintf("%19.3f", busy)
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
		t.line("  %-24d%12s%12s%10.0f%14s%12s", i, gate.Thousands(p.Records), gate.Thousands(p.Keys), p.Busy.Milliseconds(),
			gate.Thousands(p.MostQueued), gate.Thousands(int64(p.RecordsPerSecond)))
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
	if s.V2.Skew != 0 {
		t.line("  skew (largest to mean) %.2f", s.V2.Skew)
	}
	t.line("  backpressure %s at worst, source throttled for %.0f ms", s.V2.Pressure.Worst, s.V2.Pressure.Throttled.Milliseconds())
}
