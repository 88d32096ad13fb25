package main

import (
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors/plan"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
	"parallax/shadow/kafka"
)

// shown is the report of a run that passes every rule but, maybe, that of speed.
func shown(t evidence.Throughput) evidence.Report {
	return evidence.Report{
		Ledger:     diff.Ledger{Compared: 1000},
		Diff:       diff.Result{Outputs: []diff.Output{{Topic: "out", LevelHeld: diff.E1, Rows: 1000, Unit: diff.UnitKey, Units: 5000, Keys: 5000}}, LevelHeld: diff.E1},
		Throughput: t,
		Candidate: evidence.Candidate{
			Processor: "v2:1", Implementation: "V2", Routing: []evidence.Routing{{Query: "OUT", Strategy: "always_hash", Records: []int64{1000}}},
			Partitions: []evidence.Partition{{Records: 1000, Keys: 7, Busy: msec(2), MostQueued: 9, RecordsPerSecond: 5}},
			Skew:       1,
		},
		Sensitivity: evidence.Sensitivity{Mutations: []evidence.Mutation{{Name: "missing", Class: "missing", Injected: 1, Detected: 1}}},
	}
}

func measured(value evidence.Figure, low, high float64) evidence.Ratio {
	return evidence.Ratio{Comparable: true, Value: value, Median: value, CI95: evidence.Interval{low, high}, Batches: 200, Pairs: 200}
}

func TestAV2ThatIsRightAndTooSlowExitsWith4(t *testing.T) {
	slowdown := 0.2
	policy := gate.Policy{MinPartitions: 1, MaxProbability: 0.001, Confidence: 0.95, MinEventTime: "0s", MaxSlowdown: &slowdown}
	slow, fast := measured(0.5, 0.4, 0.6), measured(1.5, 1.4, 1.6)
	unsure := evidence.Ratio{Comparable: true, Value: 1.5, Batches: 200, Pairs: 200}
	for _, c := range []struct {
		name       string
		throughput evidence.Throughput
		code       int
		verdict    string
	}{
		{"slow side by side", evidence.Throughput{Contended: slow}, exitPerformance, "fail"},
		{"fast side by side", evidence.Throughput{Contended: fast}, exitPass, "pass"},
		{"slow side by side, fast by itself", evidence.Throughput{Contended: slow, Isolated: &fast}, exitPass, "pass"},
		{"fast side by side, slow by itself", evidence.Throughput{Contended: fast, Isolated: &slow}, exitPerformance, "fail"},
		{"no interval", evidence.Throughput{Contended: unsure}, exitInconclusive, "inconclusive"},
		{"not measured", evidence.Throughput{Contended: evidence.Ratio{Why: "V2 was detached"}}, exitInconclusive, "inconclusive"},
	} {
		j := &job.Job{Name: "j", Plan: &plan.Plan{}, Policy: policy}
		s := judged(j, shown(c.throughput), kafka.Stats{}, nil)
		if s.Code != c.code || s.Verdict != c.verdict {
			t.Errorf("%s: %s, code %d: %s; want %s, %d", c.name, s.Verdict, s.Code, s.Reason, c.verdict, c.code)
		}
	}
}

func TestTheSummaryTellsSpeedsOnlyWhereTheyAreComparable(t *testing.T) {
	j := &job.Job{Name: "j", Plan: &plan.Plan{}, Policy: gate.DefaultPolicy()}
	differ := evidence.Ratio{Why: "the outputs differ"}
	s := judged(j, shown(evidence.Throughput{
		Paths:     evidence.Paths{V1: evidence.Path{RecordsPerSecond: 10}, V2: evidence.Path{RecordsPerSecond: 30}},
		Contended: differ, Isolated: &differ, Tax: evidence.Tax{Held: 3},
	}), kafka.Stats{}, nil)
	line, err := s.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"ratio":null,"ci95":null,"comparable":false,"shadow_tax":null`, `"not_comparable":"the outputs differ"`, `"shadow_tax_batches":3`,
		`"isolated":{"ratio":null,"ci95":null,"median_ratio":null,"comparable":false,"not_comparable":"the outputs differ"`,
	} {
		if !strings.Contains(string(line), want) {
			t.Errorf("no %s in %s", want, line)
		}
	}
}
