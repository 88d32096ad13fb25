package page_test

import (
	"fmt"
	"math"
	"strings"
	"time"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
)

// night is the window of the samples.
var night = document.Window{
	From: time.Date(2026, 11, 29, 2, 17, 0, 0, time.UTC), To: time.Date(2026, 11, 30, 2, 17, 0, 0, time.UTC), Zone: "Europe/Berlin",
}

// stretch is a day of evidence of a job with two outputs and nothing wrong.
func stretch() evidence.Stretch {
	tax, from := 0.021, night.From.Add(40*time.Second)
	s := evidence.Stretch{
		Job: "trades-by-symbol",
		Identity: evidence.RunIdentity{
			Run: "5be1f0c2a9d4", Fingerprint: "sha256:0d1f7a2b9c55", V1: "v1 1.4.0", V2: "v2:4 1.5.0-rc.2", Rules: "9a1c44d20b7e",
		},
		From: 0, To: 86_400_000, First: from, Last: night.To.Add(-20 * time.Second), Incarnations: 2,
		Report: evidence.Report{
			Run: evidence.Run{
				Program: evidence.Program{Version: "1.5.0", Commit: "0123456789abcdef"}, Started: from, Ended: night.To.Add(-20 * time.Second),
				Offsets: []evidence.OffsetRange{{TopicPartition: row.TopicPartition{Topic: "trades", Partition: 0}, From: 1_200_000, To: 44_300_112}, {TopicPartition: row.TopicPartition{Topic: "trades", Partition: 1}, From: 1_198_220, To: 43_902_871}},
			},
			Ledger: diff.Ledger{Compared: 82_114_020, Filtered: 4_102_330, Undecodable: 183_650}, Late: 40_122, EventSpan: 86_000_000, WindowSize: 60_000, WindowGrace: 10_000, Require: diff.E3,
			Diff: diff.Result{
				LevelHeld: diff.E2,
				Outputs: []diff.Output{
					{Topic: "volumes-by-minute", LevelHeld: diff.E1, Rows: 80_551_200, Unit: diff.UnitKeyWindow, Units: 5_212_004, ClosedWindows: 5_200_110, Keys: 12_441, ToleratedRows: 41},
					{Topic: "large-trades", LevelHeld: diff.E2, Rows: 2_120_553, Unit: diff.UnitRow, Units: 2_120_553},
				},
				Tolerated: []diff.Tolerated{{
					Rule: diff.Rule{Topic: "volumes-by-minute", Column: "AVERAGE", ULP: 4, Owner: "ana@example.com", Reason: "V2 adds in another order", Expires: "2026-12-05", MaxRate: 0.001},
					Text: "volumes-by-minute.AVERAGE: within 4 units in the last place", Rows: 41, Of: 80_551_200,
					Example: &diff.Example{
						Topic: "volumes-by-minute", Key: map[string]string{"SYMBOL": "CB"}, Window: []int64{1764440160000, 1764440220000},
						V1: `{"SYMBOL":"CB","TRADES":3,"AVERAGE":512.61}`, V2: `{"SYMBOL":"CB","TRADES":3,"AVERAGE":512.6100000000001}`,
						Columns: []diff.ColumnDiff{{Name: "AVERAGE", V1: "512.61", V2: "512.6100000000001"}}, Causes: []diff.Cause{{Topic: "trades", Partition: 1, Offset: 2_310_044}}, Batch: 812,
					},
				}},
			},
			Throughput: evidence.Throughput{
				Paths:     evidence.Paths{V1: evidence.Path{RecordsPerSecond: 412_300}, V2: evidence.Path{RecordsPerSecond: 731_900}},
				Contended: evidence.Ratio{Value: 1.775, CI95: evidence.Interval{1.752, 1.801}, Comparable: true, Batches: 86_400, Pairs: 86_400},
				Tax:       evidence.Tax{Value: &tax, CI95: &[2]float64{0.014, 0.029}, Pairs: 820, Held: 820},
			},
			Candidate: evidence.Candidate{
				Partitions: []evidence.Partition{{Records: 21_604_110, Keys: 3120, Busy: evidence.Duration(112 * time.Second), MostQueued: 4000}, {Records: 20_011_902, Keys: 3098, Busy: evidence.Duration(104 * time.Second), MostQueued: 3000}, {Records: 23_412_003, Keys: 3144, Busy: evidence.Duration(121 * time.Second), MostQueued: 4000}, {Records: 21_188_335, Keys: 3079, Busy: evidence.Duration(108 * time.Second), MostQueued: 4000}},
				Skew:       1.086, Processor: "v2:4", Implementation: "V2", State: "running",
				Routing: []evidence.Routing{{Query: "VOLUMES", Output: "volumes-by-minute", Strategy: "always_hash", Records: []int64{21_604_110, 20_011_902, 23_412_003, 21_188_335}}},
			},
			SecondOpinions: evidence.SecondOpinions{Equal: 864, Differing: 2}, States: evidence.StateComparisons{Equal: 1438, NotCompared: 2, Why: "V2 was behind"},
			Sensitivity: evidence.Sensitivity{Mutations: []evidence.Mutation{{Name: "value: BIGINT", Class: "value", Injected: 1_720, Detected: 1_720}, {Name: "missing row", Class: "missing", Injected: 1_720, Detected: 1_720}, {Name: "tombstone lost", Class: "tombstone", Injected: 0}}},
			Strata:      map[string]int64{"tombstones": 1_204, "retractions": 40_220, "null_keys": 12, "late": 40_122, "window:tumbling": 80_551_200},
			Columns: []evidence.Column{
				{Topic: "volumes-by-minute", Name: "TRADES", Rows: 80_551_200, Same: 80_551_200},
				{Topic: "volumes-by-minute", Name: "AVERAGE", Rows: 80_551_200, Same: 80_551_159, Tolerated: 41},
				{Topic: "large-trades", Name: "PRICE", Rows: 2_120_553, Same: 2_120_553},
			},
		},
	}
	for i := range 144 {
		at := from.Add(time.Duration(i) * 10 * time.Minute)
		if i > 60 && i < 66 {
			continue
		}
		wave := 1 + 0.12*math.Sin(float64(i)/11) + 0.03*math.Sin(float64(i)*1.7)
		t := max(0, 0.02+0.012*math.Sin(float64(i)/3))
		r := 1.77 + 0.09*math.Sin(float64(i)/7)
		s.Timeline = append(s.Timeline, evidence.Point{
			From: at, To: at.Add(10 * time.Minute), Records: int64(600_000 * wave), Rows: int64(580_000 * wave),
			V1: evidence.Figure(412_300 * wave), V2: evidence.Figure(412_300 * wave * r), Ratio: evidence.Figure(r), RatioCI95: evidence.Interval{r - 0.05, r + 0.06}, Tax: &t, Lag: int64(9_000 * wave * wave),
		})
	}
	return s
}

// wrong adds differences: one that persists, one that was seen before the window.
func wrong(s evidence.Stretch) evidence.Stretch {
	s.Diff.Divergences = diff.Divergences{Root: 8_004, Cascade: 78_244, ByClass: map[diff.Class]int64{diff.ValueClass: 86_247, diff.Missing: 1}, Origin: &diff.Origin{FirstBatch: 71, LastBatch: 80_112}}
	s.Diff.LevelHeld, s.Diff.Outputs[0].LevelHeld, s.Diff.Outputs[0].Root = diff.None, diff.None, 8_003
	s.Diff.Outputs[1].LevelHeld, s.Diff.Outputs[1].Root = diff.None, 1
	s.Diff.Signatures = []diff.Signature{
		{
			ID: "8f9717a99f45", Class: diff.ValueClass, Topic: "volumes-by-minute", Columns: []string{"TRADES", "VOLUME", "AVERAGE"}, Count: 86_247, Roots: 8_003,
			Hypothesis: diff.PartsAddUp, HypothesisText: diff.PartsAddUp.Text(), V2Partitions: []int32{0, 1, 2, 3},
			Example: diff.Example{
				Topic: "volumes-by-minute", Key: map[string]string{"SYMBOL": "CB", "DESK": "서울"}, Window: []int64{1764440160000, 1764440220000},
				V1:      `{"DESK":"서울","SYMBOL":"CB","TRADES":2,"VOLUME":972,"AVERAGE":512.61,"CURRENCY":"KRW"}`,
				V2:      `{"DESK":"서울","SYMBOL":"CB","TRADES":1,"VOLUME":546,"AVERAGE":169.84,"CURRENCY":"KRW"}`,
				Columns: []diff.ColumnDiff{{Name: "TRADES", V1: "2", V2: "1"}, {Name: "VOLUME", V1: "972", V2: "546"}, {Name: "AVERAGE", V1: "512.61", V2: "169.84"}},
				Causes:  []diff.Cause{{Topic: "trades", Partition: 1, Offset: 116}}, Batch: 71,
			},
		},
		{
			ID: "03ab55e10c12", Class: diff.Missing, Topic: "large-trades", Columns: []string{}, Count: 1, Roots: 1, V2Partitions: []int32{2},
			Example: diff.Example{Topic: "large-trades", V1: `{"SYMBOL":"ACME","PRICE":1000.5}`, Causes: []diff.Cause{{Topic: "trades", Partition: 0, Offset: 5_120_002}}, Batch: 4_711},
		},
	}
	s.Sightings = []evidence.Sighting{
		{Signature: "8f9717a99f45", First: night.From.Add(3 * time.Hour), Last: night.To.Add(-time.Minute)},
		{Signature: "03ab55e10c12", First: night.From.Add(-30 * time.Hour), Last: night.From.Add(4 * time.Hour)},
	}
	for i := range s.Timeline {
		if i > 17 {
			s.Timeline[i].Roots = int64(40 + i%23)
		}
	}
	s.Diff.Outputs = append([]diff.Output{}, s.Diff.Outputs...)
	s.Columns = append([]evidence.Column{}, s.Columns...)
	s.Columns[0].Same, s.Columns[0].Differ = s.Columns[0].Same-86_247, 86_247
	s.Holes = []evidence.Hole{{Records: 25_969, Shed: true, Reason: "V2's queue of 16 batches has been full for 103ms"}}
	s.Interruptions = []evidence.Interruption{{Kind: "hole", At: night.From.Add(-3 * time.Hour), To: 0, Reason: "V2 was shed: its queue of 16 batches has been full for 103ms"}}
	return s
}

// made is the report on a stretch.
func made(s evidence.Stretch, previous *document.Document) *document.Document {
	p := gate.DefaultPolicy()
	e := gate.OfStretch(&s, []gate.Acceptance{{Signature: "77aa12bb90ce", Owner: "fees-team", Reason: "Intended: V2 rounds fees half even.", Expires: "2027-01-31", MaxCount: 100}}, night.To)
	d, err := document.New(document.Source{Evidence: e, Policy: p, Window: night, Made: night.To.Add(time.Minute), JobFile: "trades.yaml", Previous: previous})
	if err != nil {
		panic(err) // the verdict is made of plain values
	}
	return d
}

// many are differences whose texts are hostile, and of the first ones as long as they may be.
func many(n int) evidence.Stretch {
	s := stretch()
	one := `<script>alert("x")</script>&'` + "\u202e\x00\x1b[31m"
	long := strings.Repeat(one, 60)
	for i := range n {
		if i == 1_000 {
			long = one
		}
		s.Diff.Signatures = append(s.Diff.Signatures, diff.Signature{
			ID: fmt.Sprintf("%012x", i), Class: diff.ValueClass, Topic: long, Columns: []string{long, long}, Count: int64(n - i), Roots: 1, Note: long, HypothesisText: long,
			Example: diff.Example{Topic: long, Key: map[string]string{long: long}, V1: `{"A":"` + "<b>" + `","B":1}`, V2: long, Columns: []diff.ColumnDiff{{Name: long, V1: long, V2: long}}, Error: long, Place: long},
		})
	}
	s.Diff.Root = int64(n)
	return s
}

// emptied is a time in which nothing ran.
func emptied(s evidence.Stretch) evidence.Stretch {
	return evidence.Stretch{Job: s.Job, Identity: s.Identity, Report: evidence.Report{Require: diff.E3}}
}
