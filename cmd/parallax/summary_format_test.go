package main

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/reports"
	"parallax/reports/gate"
	"parallax/shadow"
	"parallax/shadow/kafka"
	"parallax/shadow/throughput"
)

var updateSummaries = flag.Bool("update-summaries", false, "write the golden summaries again")

func msec(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// fullReport has a value in each of its fields.
func fullReport() shadow.Report {
	quantiles := func(scale float64) throughput.Quantiles {
		return throughput.Quantiles{P50: msec(0.9131 * scale), P95: msec(2.9 * scale), P99: msec(4.9 * scale), P999: msec(28.3 * scale), AtLeast: scale > 2}
	}
	path := func(scale float64) throughput.Path {
		return throughput.Path{RecordsPerSecond: 712_788.25 * scale, Rows: 200_000, BusyPerMillion: 1.4 * scale, Service: quantiles(scale), FetchToDone: quantiles(100 * scale)}
	}
	isolated := throughput.Ratio{Comparable: true, Value: 1.53, Median: 1.58, CI95: [2]float64{1.45, 1.61}, HasInterval: true, Batches: 32, Pairs: 16}
	rule := diff.Rule{Topic: "out", Owner: "fees", Reason: "rounding", Expires: "2099-12-31", MaxRate: 0.01}
	return shadow.Report{
		Ledger:    diff.Ledger{Compared: 190_001, Filtered: 4, SampledOut: 5, Shed: 6, V1Error: 7, V2Error: 8, Undecodable: 9, NotComparable: 10, Pending: 11},
		Uncounted: 3, Late: 2,
		Outputs: shadow.Outputs{V1: 21, V2Raw: 25, V2Merged: 22, Deduplicated: 1, Reordered: 2, V1DeadLetters: 3, V2DeadLetters: 4},
		Diff: diff.Result{
			LevelHeld: diff.E3, Root: 3, Cascade: 2, ByClass: map[diff.Class]int64{diff.Missing: 3, diff.ValueClass: 2},
			Outputs:    []diff.Output{{Topic: "out", LevelHeld: diff.E3, Root: 3, Cascade: 2, Rows: 21, ToleratedRows: 1, Unit: diff.UnitKeyWindow, Units: 19, Keys: 7, ClosedWindows: 5}},
			Signatures: []diff.Signature{{ID: "0123456789ab", Class: diff.Missing, Topic: "out", Columns: []string{"N"}, Count: 3, Roots: 3, Example: diff.Example{Topic: "out", V1: `{"N":1}`, Batch: 4}}},
			Origin:     &diff.Origin{FirstBatch: 4, LastBatch: 5, V2Partitions: []int32{2}},
			Tolerated:  []diff.Tolerated{{Rule: rule, Text: "N: within 1", Rows: 1, Of: 21}},
		},
		Throughput: throughput.Report{
			V1: path(1), V2: path(2.5), Isolated: &isolated,
			Contended: throughput.Ratio{Comparable: true, Value: 0.86, Median: 0.9, CI95: [2]float64{0.68, 1.12}, HasInterval: true, Batches: 1201, Pairs: 1201},
			Censored:  throughput.Censored{Batches: 8, Records: 8000, Waited: 10_000_500 * time.Microsecond},
			Tax:       throughput.Tax{Value: 0.051, CI95: [2]float64{-0.012, 0.118}, Known: true, Pairs: 23, Held: 24, Running: 1177, HeldP99: 3.058, RunningP99: 4.912},
		},
		V2: processors.Description{Name: "v2:2", Version: "V2", Strategy: "always_hash", Routing: []processors.Routing{
			{Query: "OUT", Index: 0, Strategy: "always_hash", Why: "by the hash of the key", Records: []int64{125_000, 75_000}},
			{Query: "OUT stage 2", Index: 0, Strategy: "round_robin", Forced: true, Why: "as it was told", Records: []int64{1, 2}, Unsplittable: "no GROUP BY"},
		}},
		Partitions: []throughput.Partition{
			{PartitionStats: processors.PartitionStats{Records: 125_000, Keys: 1982, BusyNanos: 155_250_000, QueuedRecords: 3}, MostQueued: 2108, RecordsPerSecond: 157_532.5},
			{PartitionStats: processors.PartitionStats{Records: 75_000, Keys: 1884, BusyNanos: 57_000_000}, RecordsPerSecond: 94_519},
		},
		Skew: 1.25, Pressure: shadow.PressureReport{Worst: shadow.Critical, Throttled: msec(12.3)},
		Detached: "V2 failed", Shed: true,
		Holes: []shadow.Hole{
			{From: 5, To: 9, Records: 12, Batches: 4, Reason: "it hangs", Offsets: []shadow.OffsetRange{{TopicPartition: row.TopicPartition{Topic: "in", Partition: 1}, From: 17, To: 29}}},
			{From: 40, To: -1, Records: 2, Batches: 1, Reason: "it is slow", Shed: true},
		},
		HoleCount: 2, Reseeds: 1, Rescales: 4, EventSpan: 60_000, Lateness: 100,
		SecondOpinions: shadow.SecondOpinions{Equal: 30, Differing: 2}, LagGrowing: true,
	}
}

// TestASummarysFormatStays: the JSON of a summary is a contract, byte for byte.
func TestASummarysFormatStays(t *testing.T) {
	stats := kafka.Stats{
		BrokerGaps: 13, Records: 200_040, Rows: 22, DeadLetters: 14, DecodeTime: 130 * time.Millisecond, EncodeTime: 3 * time.Millisecond,
		TooLarge: 15, ChangedTimestamps: 16, Committed: 17, Lag: 18,
	}
	j := &job{name: "j", plan: &plan.Plan{}, policy: gate.DefaultPolicy(), require: diff.E1}
	for file, c := range map[string]struct {
		rep    shadow.Report
		stats  kafka.Stats
		failed error
	}{
		"summary.json":        {fullReport(), stats, nil},
		"summary_empty.json":  {shadow.Report{}, kafka.Stats{}, nil},
		"summary_failed.json": {shadow.Report{V2Off: true, Ledger: diff.Ledger{NotComparable: 7}}, stats, errors.New("V1 failed in batch 3\nand so on")},
	} {
		summary := j.summarise(c.rep, c.stats, c.failed)
		summary.Run = reports.Run{Policy: reports.Policy{RequireLevel: j.require, Policy: j.policy}, DeadLetters: c.stats.DeadLetters}
		line, err := summary.JSON()
		if err != nil {
			t.Fatal(err)
		}
		line = append(line, '\n')
		if *updateSummaries {
			if err := os.WriteFile("testdata/"+file, line, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if string(line) != string(want) {
			t.Errorf("%s:\n%s\nwant\n%s", file, line, want)
		}
		if !json.Valid(line) {
			t.Errorf("%s is no JSON", file)
		}
	}
}
