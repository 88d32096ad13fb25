package reports_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"parallax/reports"
)

func figure[T any](v T) *T { return &v }

func whole() reports.Summary {
	path := func(scale float64) reports.Path {
		return reports.Path{
			Rows: 200_000, BusyPerMillion: figure(1.4 * scale),
			ServiceMS:     reports.Times{P50: 0.9 * scale, P95: 2.9 * scale, P99: 4.9 * scale, P999: 28.3 * scale},
			FetchToDoneMS: reports.Times{P50: 300, P95: 450, P99: 460, P999: 465},
		}
	}
	return reports.Summary{
		Job: "j", Verdict: "pass", Reason: "all is well",
		Throughput: reports.Throughput{
			V1: figure(712_788.0), V2: figure(612_491.0), Ratio: figure(0.86), CI95: &[2]float64{0.68, 1.12},
			Comparable: true, Batches: 1201, ShadowTax: figure(0.051), HeldBatches: 24, RunningBatches: 1177, TaxCI95: &[2]float64{-0.012, 0.118},
			TaxPairs: 23, TaxP99: &reports.TaxP99{Running: 4.912, Held: 3.058},
			DecodeRecordsPer: figure(1_539_381.0), EncodeRecordsPer: figure(1_868_019.0),
			Paths:    reports.Paths{V1: path(1), V2: path(0.5)},
			Isolated: &reports.Isolated{Ratio: figure(1.53), MedianRatio: figure(1.58), CI95: &[2]float64{1.45, 1.61}, Comparable: true, Batches: 32, Pairs: 16},
		},
		V2: reports.V2{
			Strategy: "always_hash", Skew: figure(1.25), Backpressure: reports.Backpressure{StateMax: "warning", ThrottledMS: 12.3},
			Partitions: []reports.Partition{
				{Records: 125_000, Keys: 1982, BusyMS: 155, Queue: 2108, RecordsPerSec: 157_532},
				{Records: 75_000, Keys: 1884, BusyMS: 57, Queue: 0, RecordsPerSec: 94_519},
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
	p.Ratio, p.CI95, p.Comparable, p.NotComparable = nil, nil, false, "the outputs differ"
	p.Isolated = &reports.Isolated{NotComparable: "the outputs differ"}
	p.Censored = reports.Censored{Batches: 8, Records: 8000, WaitedMS: 10_000}
	p.Paths.V2.ServiceMS.AtLeast = true
	p.ShadowTax = nil
	golden(t, "not_comparable.txt", section(t, s))
}

// A run of a few batches: a ratio, and nothing that says how far off it may be.
func TestARatioOfTooFewBatchesHasNoInterval(t *testing.T) {
	s := whole()
	s.Throughput.CI95, s.Throughput.Batches, s.Throughput.Isolated = nil, 4, nil
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
