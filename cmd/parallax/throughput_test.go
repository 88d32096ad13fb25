package main

import (
	"strings"
	"testing"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/plan"
	"parallax/reports/gate"
	"parallax/shadow"
	"parallax/shadow/kafka"
	"parallax/shadow/throughput"
)

// shown is the report of a run that passes every rule but, maybe, that of speed.
func shown(t throughput.Report) shadow.Report {
	return shadow.Report{
		Ledger:     diff.Ledger{Compared: 1000},
		Diff:       diff.Result{Outputs: []diff.Output{{Topic: "out", LevelHeld: diff.E1, Rows: 1000, Unit: diff.UnitKey, Units: 5000, Keys: 5000}}, LevelHeld: diff.E1},
		Throughput: t,
		V2:         processors.Description{Name: "v2:1", Version: "V2", Routing: []processors.Routing{{Query: "OUT", Strategy: "always_hash", Records: []int64{1000}}}},
		Partitions: []throughput.Partition{{PartitionStats: processors.PartitionStats{Records: 1000, Keys: 7, BusyNanos: 2_000_000}, MostQueued: 9, RecordsPerSecond: 5}},
		Skew:       1,
	}
}

func measured(value, low, high float64) throughput.Ratio {
	return throughput.Ratio{Comparable: true, Value: value, Median: value, CI95: [2]float64{low, high}, HasInterval: true, Batches: 200, Pairs: 200}
}

func TestAV2ThatIsRightAndTooSlowExitsWith4(t *testing.T) {
	slowdown := 0.2
	policy := gate.Policy{MinPartitions: 1, MaxProbability: 0.001, Confidence: 0.95, MinEventTime: "0s", MaxSlowdown: &slowdown}
	slow, fast := measured(0.5, 0.4, 0.6), measured(1.5, 1.4, 1.6)
	unsure := throughput.Ratio{Comparable: true, Value: 1.5, Batches: 200, Pairs: 200}
	for _, c := range []struct {
		name       string
		throughput throughput.Report
		code       int
		verdict    string
	}{
		{"slow side by side", throughput.Report{Contended: slow}, exitPerformance, "fail"},
		{"fast side by side", throughput.Report{Contended: fast}, exitPass, "pass"},
		{"slow side by side, fast by itself", throughput.Report{Contended: slow, Isolated: &fast}, exitPass, "pass"},
		{"fast side by side, slow by itself", throughput.Report{Contended: fast, Isolated: &slow}, exitPerformance, "fail"},
		{"no interval", throughput.Report{Contended: unsure}, exitInconclusive, "inconclusive"},
		{"not measured", throughput.Report{Contended: throughput.Ratio{Why: "V2 was detached"}}, exitInconclusive, "inconclusive"},
	} {
		j := &job{name: "j", plan: &plan.Plan{}, policy: policy}
		s := j.summarise(shown(c.throughput), kafka.Stats{}, nil)
		if s.Code != c.code || s.Verdict != c.verdict {
			t.Errorf("%s: %s, code %d: %s; want %s, %d", c.name, s.Verdict, s.Code, s.Reason, c.verdict, c.code)
		}
	}
}

func TestTheSummaryTellsSpeedsOnlyWhereTheyAreComparable(t *testing.T) {
	j := &job{name: "j", plan: &plan.Plan{}, policy: gate.DefaultPolicy()}
	differ := throughput.Ratio{Why: "the outputs differ", Value: 3, Median: 3} // were they there, they must not be told
	s := j.summarise(shown(throughput.Report{
		V1: throughput.Path{RecordsPerSecond: 10}, V2: throughput.Path{RecordsPerSecond: 30},
		Contended: differ, Isolated: &differ, Tax: throughput.Tax{Held: 3},
	}), kafka.Stats{}, nil)
	p := s.Throughput
	if p.Ratio != nil || p.CI95 != nil || p.Comparable || p.NotComparable != "the outputs differ" || p.ShadowTax != nil || p.HeldBatches != 3 {
		t.Errorf("%+v", p)
	}
	if i := p.Isolated; i.Ratio != nil || i.MedianRatio != nil || i.CI95 != nil || i.Comparable || i.NotComparable != "the outputs differ" {
		t.Errorf("%+v", i)
	}
	if v := s.V2; len(v.Partitions) != 1 || v.Partitions[0].BusyMS != 2 || v.Partitions[0].Queue != 9 || v.Partitions[0].RecordsPerSec != 5 || *v.Skew != 1 || v.Backpressure.StateMax != "healthy" {
		t.Errorf("%+v", v)
	}
	line, err := s.JSON()
	if err != nil || !strings.Contains(string(line), `"ratio":null,"ci95":null,"comparable":false,"shadow_tax":null`) {
		t.Errorf("%s, %v", line, err)
	}
}
