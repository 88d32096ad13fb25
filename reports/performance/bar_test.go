package performance

import (
	"strings"
	"testing"

	"parallax/shadow/bench"
)

// rowOf is a line of the bar as the page has it.
func rowOf(t *testing.T, d *bench.Document, what string) string {
	t.Helper()
	for line := range strings.Lines(barSection(d)) {
		if strings.HasPrefix(line, "| "+what+" |") {
			return strings.TrimSpace(line)
		}
	}
	t.Fatalf("the bar has no line %q", what)
	return ""
}

func TestEachLineOfTheBarIsHeldMissedOrSaysWhatMeasuresIt(t *testing.T) {
	d := document()
	for what, want := range map[string]string{
		"direct against floor, one core":         "0: 72 % (62 to 82)<br>2: 72 % (62 to 82)<br>3a: 72 % (62 to 82)<br>3b: 72 % (62 to 82) | held |",
		"v1 against direct":                      "3b: 93 % (83 to 103) | held |",
		"allocations, once all keys are seen":    "direct: 0.0040 at most (direct in 0)",
		"allocations of a run against a broker":  "kafka, kafka broker: +0.00",
		"amplification, group scope":             "1.00 in 6 of 6 results | held |",
		"amplification, the seeds' window scope": "v1: 99,810<br>v2:2/even: 49,910<br>v2:4/even: 24,960 | held |",
		"v2, one core, N = 8: CPU":               "1.18 times | held |",
		"v2, one core, N = 8: instructions":      "`hack/instructions.sh`",
		"v2, two cores, N = 4":                   "3b: 1.65 (1.55 to 1.75) | held |",
		"v2, eight cores, a prediction":          "predicted 7.00 times (v2:8, batches of 1,000; key skew allows 7.50); on two cores predicted 3.30, measured 1.60 | held |",
		"shadow, spare core":                     "throughput 1.00 (0.90 to 1.10)<br>p50 1.00 (0.90 to 1.10)<br>p99 1.00 (0.90 to 1.10)<br>V1 on a core of its own: throughput 1.00 (0.90 to 1.10)<br>V1 on a core of its own: p50 1.00 (0.90 to 1.10)<br>V1 on a core of its own: p99 1.00 (0.90 to 1.10) | held |",
		"shadow, no spare core":                  "no spare core, V2 shed and re-seeded: 1.00 (0.90 to 1.10) | held |",
		"end to end: V1":                         "embedded broker: 80 % (70 to 90)<br>kafka broker: 80 % (70 to 90) | held |",
		"end to end: V1 and V2":                  "kafka broker, no spare core: 70 % (60 to 80) | held |",
		"batch size":                             "v2:4, 2 cores: 0.95 (0.90 to 1.00) in 2 | held |",
		"memory":                                 "see [State and memory](#state-and-memory)",
	} {
		if got := rowOf(t, d, what); !strings.Contains(got, want) {
			t.Errorf("%s: want %q in\n%s", what, want, got)
		}
	}
}

func TestAMissedLineSaysSoAndWhere(t *testing.T) {
	d := document()
	r := d.Find("2", "direct", 1, 0)
	r.RatioSpread["floor"] = bench.Spread{Min: 0.5, Median: 0.59, Max: 0.7}
	if got := rowOf(t, d, "direct against floor, one core"); !strings.Contains(got, "2: 59 % (50 to 70) **(missed)**") || !strings.HasSuffix(got, "| missed |") {
		t.Errorf("got %s", got)
	}
	d.BatchSizes[1].Ratio.Median = 0.89
	if got := rowOf(t, d, "batch size"); !strings.Contains(got, "0.89 (0.90 to 1.00) in 3b **(missed)**") {
		t.Errorf("got %s", got)
	}
	if got := rowOf(t, &bench.Document{}, "shadow, spare core"); !strings.HasSuffix(got, "| not in this run |") {
		t.Errorf("got %s", got)
	}
}

// The other engines' figures are relative to the floor on the day when they were measured.
func TestPeersAreComputedFromTheFloorOfTheirDay(t *testing.T) {
	for _, p := range bench.Peers(document()) {
		if p.Scenario != "2" || p.Name != "octosql" {
			continue
		}
		// 96 ns a record is 10.4 million a second, which is 52.6 times 198 thousand.
		if p.FloorTimes < 52.5 || p.FloorTimes > 52.7 || p.V1Times != p.FloorTimes*0.66 {
			t.Errorf("got %+v", p)
		}
		return
	}
	t.Error("octosql is not there")
}
