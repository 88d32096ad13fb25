package reports_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"parallax/reports"
	"parallax/shadow/evidence"
)

func ms(n float64) evidence.Duration { return evidence.Duration(n * float64(time.Millisecond)) }

func pointer[T any](v T) *T { return &v }

func whole() reports.Summary {
	path := func(scale, speed float64) evidence.Path {
		return evidence.Path{
			RecordsPerSecond: evidence.Figure(speed), Rows: 200_000, BusyPerMillion: evidence.Figure(1.4 * scale),
			Service:     evidence.Quantiles{P50: ms(0.9 * scale), P95: ms(2.9 * scale), P99: ms(4.9 * scale), P999: ms(28.3 * scale)},
			FetchToDone: evidence.Quantiles{P50: ms(300), P95: ms(450), P99: ms(460), P999: ms(465)},
		}
	}
	return reports.Summary{
		Job: "j", Verdict: "pass", Reason: "all is well",
		Throughput: evidence.Throughput{
			Contended: evidence.Ratio{Value: 0.86, CI95: evidence.Interval{0.68, 1.12}, Comparable: true, Batches: 1201},
			Tax: evidence.Tax{
				Value: pointer(0.051), CI95: &[2]float64{-0.012, 0.118}, Held: 24, Running: 1177, Pairs: 23,
				P99: &evidence.TaxP99{Running: 4.912, Held: 3.058},
			},
			Decoded: 1_539_381, Encoded: 1_868_019,
			Paths:    evidence.Paths{V1: path(1, 712_788), V2: path(0.5, 612_491)},
			Isolated: &evidence.Ratio{Value: 1.53, Median: 1.58, CI95: evidence.Interval{1.45, 1.61}, Comparable: true, Batches: 32, Pairs: 16},
		},
		V2: evidence.Candidate{
			Strategy: "always_hash", Skew: 1.25, Pressure: evidence.Pressure{Worst: evidence.Warning, Throttled: ms(12.3)},
			Partitions: []evidence.Partition{
				{Records: 125_000, Keys: 1982, Busy: ms(155), MostQueued: 2108, RecordsPerSecond: 157_532},
				{Records: 75_000, Keys: 1884, Busy: ms(57), MostQueued: 0, RecordsPerSecond: 94_519},
			},
		},
	}
}

// section is a summary's text from its throughput on.
func section(t *testing.T, s reports.Summary) string {
	t.Helper()
	var b strings.Builder
	if err := reports.Text(&b, s); err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(b.String(), "\nthroughput")
	if !ok {
		t.Fatalf("no throughput in\n%s", b.String())
	}
	return "throughput" + after
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	want, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
	}
}

func TestSpeedsAsText(t *testing.T) {
	golden(t, "throughput.txt", section(t, whole()))
}

// Outputs that differ: no ratio, of either kind; and what V2 was given up on.
func TestNoRatioIsShownWhereTheOutputsDiffer(t *testing.T) {
	s := whole()
	p := &s.Throughput
	p.Contended = evidence.Ratio{Why: "the outputs differ", Batches: 1201}
	p.Isolated = &evidence.Ratio{Why: "the outputs differ"}
	p.Censored = evidence.Censored{Batches: 8, Records: 8000, Waited: ms(10_000)}
	p.V2.Service.AtLeast = true
	p.Tax.Value = nil
	golden(t, "not_comparable.txt", section(t, s))
}

// A run of a few batches has a ratio without an interval.
func TestARatioOfTooFewBatchesHasNoInterval(t *testing.T) {
	s := whole()
	s.Throughput.Contended.CI95, s.Throughput.Contended.Batches, s.Throughput.Isolated = evidence.Interval{}, 4, nil
	const want = "        0.86  V2 to V1, contended, too few times for an interval; over 4 batches\n"
	if got := section(t, s); !strings.Contains(got, want) {
		t.Errorf("%s\nhas no line\n%s", got, want)
	}
}

func TestSpeedsAsJSON(t *testing.T) {
	line, err := whole().JSON()
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(line, &all); err != nil {
		t.Fatal(err)
	}
	golden(t, "throughput.json", string(all["throughput"])+"\n"+string(all["v2"])+"\n")
}
