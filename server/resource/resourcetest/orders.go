package resourcetest

import (
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/server/resource"
	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// orders is in a canary, healthy, and waits for more evidence.
func orders() *job {
	j := empty("orders", "/etc/parallax/jobs/orders.yaml")
	begun := Now.Add(-41 * time.Minute)
	j.Job.State, j.Job.Stage, j.LevelHeld, j.Run, j.Records = resource.Running, at("canary:5"), "E2", "5be1f0c2a9d4", 41_204_118
	j.VerdictReason, j.Job.Since = "8,588 of 10,000 units of orders-enriched were compared", Now.Add(-19*time.Hour)
	j.show(shape{points: 180, each: 2 * time.Minute, v1: 412_300, ratio: 1.77, lag: 1_900})
	change := stage.Change{From: at("canary:1"), To: at("canary:5"), Step: 1, At: begun, Who: "ana", Why: "no divergence in canary:1", Verdict: "b81c09f2e7d4", Run: j.Run, Position: 40_010_402}
	j.changes = []resource.StageChange{
		change,
		{From: at("shadow"), To: at("canary:1"), Step: 0, At: begun.Add(-25 * time.Minute), Who: "ana", Why: "the night's report passed", Verdict: "77aa19c0d2f1", Run: j.Run, Position: 39_220_118},
		{From: at("canary:5"), To: at("shadow"), Step: -1, At: begun.AddDate(0, 0, -2), Who: "parallax", Why: "an unsuppressed root divergence: value in orders-enriched.TOTAL", Run: "91c2aa0be4f7", IsAutomatic: true, Strikes: 1, Position: 12_004_551},
		{From: at("canary:1"), To: at("canary:5"), Step: 1, At: begun.AddDate(0, 0, -2).Add(-2 * time.Hour), Who: "ben", Why: "plan", Verdict: "1f00a2c4b7e9", Run: "91c2aa0be4f7", Position: 11_200_877},
	}
	eta := (19 * time.Minute).Seconds()
	j.stage = resource.Stage{
		Job: "orders", Stage: j.Job.Stage, Step: 1, Plan: plan(), Since: begun, Run: j.Run, Control: "v1 1.4.0", Emits: emits(j.Job.Stage), Strikes: 1, Last: &change,
		Next: &resource.NextStage{
			Stage: at("canary:25"), At: Now.Add(19 * time.Minute), ETASeconds: &eta,
			Missing: []string{"1,412 more units of orders-enriched must be compared, about 15 min at the rate of the last hour.", "canary:5 must last 1 h: 19 min are left."},
		},
	}
	j.verdict.ID, j.verdict.Reason, j.verdict.Records, j.verdict.LevelHeld = "c0ffee5be1a0", j.VerdictReason, j.Records, diff.E2
	j.verdict.Missing = missing("1,412 more units of orders-enriched must be compared, about 15 min at the rate of the last hour")
	checkpoint := Now.Add(-38 * time.Second)
	j.details = resource.Details{
		Identity: identity(j.Run, "v2:4 1.5.0-rc.2"),
		Outputs:  []resource.Output{{Topic: "orders-enriched", Level: "E2", Rows: 38_001_240}, {Topic: "revenue-by-minute", Level: "E1", Rows: 2_104_881}, {Topic: "large-orders", Level: "E2", Rows: 88_240}},
		Partitions: []resource.Partition{
			{Partition: 0, Records: 10_402_118, Keys: 31_204, BusyMS: 112_040, Queue: 420},
			{Partition: 1, Records: 9_871_004, Keys: 30_881, BusyMS: 104_870, Queue: 310},
			{Partition: 2, Records: 11_204_330, Keys: 31_940, BusyMS: 121_700, Queue: 505},
			{Partition: 3, Records: 9_726_666, Keys: 30_402, BusyMS: 101_220, Queue: 298},
		},
		Timeline: j.details.Timeline,
		Holes:    []evidence.Interruption{{Kind: "rollback", At: begun.AddDate(0, 0, -2), To: 12_004_551, Reason: "an unsuppressed root divergence: value in orders-enriched.TOTAL"}},
		Routing: []resource.Routing{
			{Query: "ORDERS_ENRICHED", Strategy: "co_partition", Why: "both sides of the join have the key CUSTOMER_ID"},
			{Query: "REVENUE_BY_MINUTE", Strategy: "repartition", Why: "GROUP BY REGION is not the key of the input"},
			{Query: "LARGE_ORDERS", Strategy: "round_robin", Why: "the query has no state"},
		},
		Mutations: []evidence.Mutation{{Name: "value: DECIMAL", Class: "value", Injected: 1720, Detected: 1720}, {Name: "missing row", Class: "missing", Injected: 1718, Detected: 1718}, {Name: "rows in another order", Class: "reorder", Injected: 944, Detected: 944}},
		States:    evidence.StateComparisons{Equal: 1138}, Checkpoint: &checkpoint,
		Emission: &resource.Emission{V2Rows: 58_204, WaitP50MS: 1.8, WaitP99MS: 14.2, Fallbacks: []time.Time{Now.Add(-33 * time.Minute)}},
	}
	j.columns = []resource.Column{
		{Topic: "orders-enriched", Name: "CUSTOMER", Rows: 38_001_240, Same: 38_001_240},
		{Topic: "orders-enriched", Name: "TOTAL", Rows: 38_001_240, Same: 38_001_240},
		{Topic: "orders-enriched", Name: "RATE", Rows: 38_001_240, Same: 38_000_428, Tolerated: 812},
		{Topic: "revenue-by-minute", Name: "REVENUE", Rows: 2_104_881, Same: 2_104_881},
		{Topic: "revenue-by-minute", Name: "ORDERS", Rows: 2_104_881, Same: 2_104_881},
		{Topic: "large-orders", Name: "TOTAL", Rows: 88_240, Same: 88_240},
	}
	j.ledger = resource.Ledger{Ledger: diff.Ledger{Compared: 39_002_118, Filtered: 2_180_400, Undecodable: 21_480, Pending: 120}, Records: j.Records, Since: j.since(), Until: newest(), Late: 4_012}
	j.history, j.reports = history(j.Run, "inconclusive", "inconclusive", "pass", "pass", "pass", "fail"), nights("pass", "pass", "fail", "inconclusive")
	j.rules = resource.Rules{
		Rules: []resource.Rule{{Rule: diff.Rule{Topic: "orders-enriched", Column: "RATE", ULP: 4, Owner: "ana@example.com", Reason: "V2 adds in another order", Expires: "2026-12-31", MaxRate: 0.001}, Hits: 812}},
	}
	return j
}

// fees may go forward.
func fees() *job {
	j := empty("fees", "/etc/parallax/jobs/fees.yaml")
	begun := Now.Add(-5 * time.Hour)
	j.Job.State, j.Job.Stage, j.LevelHeld, j.Run, j.Records, j.Verdict, j.VerdictReason, j.Job.Since = resource.Running, at("canary:25"), "E1", "20fa7be1c3d8", 9_120_400, "pass", "", Now.Add(-70*time.Hour)
	j.show(shape{points: 150, each: 2 * time.Minute, v1: 96_400, ratio: 2.31, lag: 240})
	change := stage.Change{From: at("canary:5"), To: at("canary:25"), Step: 2, At: begun, Who: "parallax", Why: "plan", Verdict: "44ab91f0c2d7", Run: j.Run, IsAutomatic: true, Position: 7_902_114}
	j.changes = []resource.StageChange{change}
	j.stage = resource.Stage{
		Job: "fees", Stage: j.Job.Stage, Step: 2, Plan: plan(), Since: begun, Run: j.Run, Control: "v1 1.4.0", Emits: emits(j.Job.Stage), IsAuto: true, Last: &change,
		Next: &resource.NextStage{Stage: at("promoted"), At: Now.Add(-time.Hour), Missing: []string{}},
	}
	j.verdict.ID, j.verdict.Verdict, j.verdict.Code, j.verdict.Reason, j.verdict.Records, j.verdict.LevelHeld, j.verdict.Missing = "c0ffee20faa0", gate.Pass, 0, "", j.Records, diff.E1, nil
	checkpoint := Now.Add(-12 * time.Second)
	j.details = resource.Details{
		Identity: identity(j.Run, "v2:2 1.5.0"), Timeline: j.details.Timeline, Checkpoint: &checkpoint,
		Outputs:    []resource.Output{{Topic: "fees", Level: "E1", Rows: 9_004_118}},
		Partitions: []resource.Partition{{Partition: 0, Records: 4_604_118, Keys: 2_412, BusyMS: 40_100, Queue: 12}, {Partition: 1, Records: 4_516_282, Keys: 2_388, BusyMS: 39_420, Queue: 9}},
		Holes:      []evidence.Interruption{}, Routing: []resource.Routing{{Query: "FEES", Strategy: "always_hash", Why: "GROUP BY ACCOUNT"}},
		Mutations: []evidence.Mutation{{Name: "value: DECIMAL", Class: "value", Injected: 402, Detected: 402}}, States: evidence.StateComparisons{Equal: 4200},
		Emission: &resource.Emission{V2Rows: 303_118, WaitP50MS: 0.9, WaitP99MS: 6.1, Fallbacks: []time.Time{}},
	}
	j.columns = []resource.Column{{Topic: "fees", Name: "FEE", Rows: 9_004_118, Same: 9_004_118}, {Topic: "fees", Name: "TRADES", Rows: 9_004_118, Same: 9_004_118}}
	j.ledger = resource.Ledger{Ledger: diff.Ledger{Compared: 9_004_118, Filtered: 116_282}, Records: j.Records, Since: j.since(), Until: newest()}
	j.history, j.reports = history(j.Run, "pass", "pass", "pass"), nights("pass", "pass", "pass")
	return j
}
