package main

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"
	"time"

	"parallax/diff"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/reports"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
	"parallax/shadow/kafka"
)

var updateSummaries = flag.Bool("update-summaries", false, "write the golden summaries again")

func msec(n float64) evidence.Duration { return evidence.Duration(n * float64(time.Millisecond)) }

// fullReport has a value in each of its fields.
func fullReport() evidence.Report {
	quantiles := func(scale float64) evidence.Quantiles {
		return evidence.Quantiles{P50: msec(0.9131 * scale), P95: msec(2.9 * scale), P99: msec(4.9 * scale), P999: msec(28.3 * scale), AtLeast: scale > 2}
	}
	path := func(scale float64) evidence.Path {
		return evidence.Path{
			RecordsPerSecond: evidence.Figure(712_788.25 * scale), Rows: 200_000, BusyPerMillion: evidence.Figure(1.4 * scale),
			Service: quantiles(scale), FetchToDone: quantiles(100 * scale),
		}
	}
	tax := 0.051
	rule := diff.Rule{Topic: "out", Owner: "fees", Reason: "rounding", Expires: "2099-12-31", MaxRate: 0.01}
	return evidence.Report{
		Ledger:    diff.Ledger{Compared: 190_001, Filtered: 4, SampledOut: 5, Shed: 6, V1Error: 7, V2Error: 8, Undecodable: 9, NotComparable: 10, Pending: 11},
		Uncounted: 3, Late: 2, Require: diff.E1,
		Outputs: evidence.Outputs{V1: 21, V2Raw: 25, V2Merged: 22, Deduplicated: 1, Reordered: 2, V1DeadLetters: 3, V2DeadLetters: 4},
		Diff: diff.Result{
			LevelHeld: diff.E3,
			Divergences: diff.Divergences{
				Root: 3, Cascade: 2, ByClass: map[diff.Class]int64{diff.Missing: 3, diff.ValueClass: 2},
				Origin: &diff.Origin{FirstBatch: 4, LastBatch: 5, V2Partitions: []int32{2}},
			},
			Outputs:    []diff.Output{{Topic: "out", LevelHeld: diff.E3, Root: 3, Cascade: 2, Rows: 21, ToleratedRows: 1, Unit: diff.UnitKeyWindow, Units: 19, Keys: 7, ClosedWindows: 5}},
			Signatures: []diff.Signature{{ID: "0123456789ab", Class: diff.Missing, Topic: "out", Columns: []string{"N"}, Count: 3, Roots: 3, Example: diff.Example{Topic: "out", V1: `{"N":1}`, Batch: 4}}},
			Tolerated:  []diff.Tolerated{{Rule: rule, Text: "N: within 1", Rows: 1, Of: 21}},
		},
		Throughput: evidence.Throughput{
			Paths:     evidence.Paths{V1: path(1), V2: path(2.5)},
			Isolated:  &evidence.Ratio{Comparable: true, Value: 1.53, Median: 1.58, CI95: evidence.Interval{1.45, 1.61}, Batches: 32, Pairs: 16},
			Contended: evidence.Ratio{Comparable: true, Value: 0.86, Median: 0.9, CI95: evidence.Interval{0.68, 1.12}, Batches: 1201, Pairs: 1201},
			Censored:  evidence.Censored{Batches: 8, Records: 8000, Waited: msec(10_000.5)},
			Tax: evidence.Tax{
				Value: &tax, CI95: &[2]float64{-0.012, 0.118}, Pairs: 23, Held: 24, Running: 1177, P99: &evidence.TaxP99{Held: 3.058, Running: 4.912},
			},
		},
		Candidate: evidence.Candidate{
			Processor: "v2:2", Implementation: "V2", Strategy: "always_hash",
			Routing: []evidence.Routing{
				{Query: "OUT", Output: "OUT", Strategy: "always_hash", Why: "by the hash of the key", Records: []int64{125_000, 75_000}},
				{Query: "OUT stage 2", Output: "OUT", Strategy: "round_robin", Forced: true, Why: "as it was told", Records: []int64{1, 2}, Unsplittable: "no GROUP BY"},
			},
			Partitions: []evidence.Partition{
				{Records: 125_000, Keys: 1982, Busy: msec(155.25), MostQueued: 2108, RecordsPerSecond: 157_532.5},
				{Records: 75_000, Keys: 1884, Busy: msec(57), RecordsPerSecond: 94_519},
			},
			Skew: 1.25, Pressure: evidence.Pressure{Worst: evidence.Critical, Throttled: msec(12.3)},
			Holes: []evidence.Hole{
				{From: 5, To: 9, Records: 12, Batches: 4, Reason: "it hangs", Offsets: []evidence.OffsetRange{{TopicPartition: row.TopicPartition{Topic: "in", Partition: 1}, From: 17, To: 29}}},
				{From: 40, To: evidence.NoBatch, Records: 2, Batches: 1, Reason: "it is slow", Shed: true, Offsets: []evidence.OffsetRange{}},
			},
			HoleCount: 2, Reseeds: 1, Rescales: 4,
		},
		Detached: "V2 failed", Shed: true, EventSpan: 60_000, Lateness: 100,
		SecondOpinions: evidence.SecondOpinions{Equal: 30, Differing: 2}, States: evidence.StateComparisons{Equal: 17, Differing: 1, NotCompared: 2, Why: "V2 was detached"}, LagGrowing: true,
		Sensitivity: evidence.Sensitivity{Mutations: []evidence.Mutation{
			{Name: "value BIGINT", Class: "value", Injected: 3, Detected: 3}, {Name: "tombstone lost", Class: "tombstone"},
		}},
		Strata:  map[string]int64{"tombstones": 3, "window:session": 21},
		Columns: []evidence.Column{{Topic: "out", Name: "N", Rows: 20, Same: 13, NullV1Only: 1, NullV2Only: 2, Type: 3, Tolerated: 1}, {Topic: "out", Name: "timestamp", Rows: 20, Same: 20}},
	}
}

// judged is the summary of a report.
func judged(j *job.Job, rep evidence.Report, stats kafka.Stats, failed error) *reports.Summary {
	r := j.Judge(rep, stats, failed)
	return summary(&r)
}

// TestASummarysFormatStays: the JSON of a summary is a contract, byte for byte.
func TestASummarysFormatStays(t *testing.T) {
	stats := kafka.Stats{
		BrokerGaps: 13, Records: 200_040, Rows: 22, DeadLetters: 14, DecodeTime: 130 * time.Millisecond, EncodeTime: 3 * time.Millisecond,
		TooLarge: 15, ChangedTimestamps: 16, Committed: 17, Lag: 18,
	}
	j := &job.Job{Name: "j", Plan: &plan.Plan{}, Policy: gate.DefaultPolicy()}
	for file, c := range map[string]struct {
		rep    evidence.Report
		stats  kafka.Stats
		failed error
	}{
		"summary.json":        {fullReport(), stats, nil},
		"summary_empty.json":  {evidence.Report{Require: diff.E1}, kafka.Stats{}, nil},
		"summary_failed.json": {evidence.Report{Require: diff.E1, V2Off: true, Ledger: diff.Ledger{NotComparable: 7}}, stats, errors.New("V1 failed in batch 3\nand so on")},
	} {
		line, err := judged(j, c.rep, c.stats, c.failed).JSON()
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
