package sensitivity_test

import (
	"testing"
	"time"

	"parallax/diff"
	"parallax/shadow/sensitivity"
)

// BenchmarkRound measures the comparison with and without the check in one run: what a round,
// which is one for each million rows, costs relative to comparing these rows.
func BenchmarkRound(b *testing.B) {
	v1, v2 := outcomes(1)
	d := diff.New(sinks(), diff.Options{})
	d.Compare(v1, v2)
	if found := d.Last(); !found.Equal || found.Divergences > 0 {
		b.Fatal(found)
	}
	var compared, checked time.Duration
	rows, rounds := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		for range 1000 {
			d.Compare(v1, v2)
			rows += len(v1.Changes)
		}
		compared += time.Since(start)
		start = time.Now()
		check := sensitivity.New(sensitivity.Options{Sinks: sinks(), New: func() sensitivity.Comparison { return newDiffer(diff.E1, nil) }})
		for range 8 {
			if err := check.On(v1, v2, d.Last()); err != nil {
				b.Fatal(err)
			}
		}
		checked += time.Since(start)
		rounds++
	}
	perRow, perRound := float64(compared.Nanoseconds())/float64(rows), float64(checked.Nanoseconds())/float64(rounds)
	b.ReportMetric(perRow, "compare-ns/row")
	b.ReportMetric(perRound/1e3, "µs/round")
	b.ReportMetric(100*perRound/(perRow*sensitivity.RoundRows), "%-of-comparing")
}
