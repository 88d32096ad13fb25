package resourcetest

import (
	"time"

	"parallax/diff"
	"parallax/reports/verdict"
	"parallax/server/resource"
	"parallax/shadow/stage"
)

// settlements went back to shadow three times, and is held.
func settlements() *job {
	j := empty("settlements", "/etc/parallax/jobs/settlements.yaml")
	j.Job.State, j.Reason, j.LevelHeld, j.Run, j.Records, j.Held, j.Job.Since = resource.Paused, "paused by ben", "E2", "f1d0a9b3c7e2", 1_204_551, true, Now.Add(-3*time.Hour)
	j.show(shape{points: 90, each: 2 * time.Minute, v1: 21_800, ratio: 0.86, lag: 52_000})
	j.VerdictReason = "204,551 of 1,000,000 records were compared on the clean stretch"
	change := stage.Change{From: at("canary:1"), To: at("shadow"), Step: -1, At: Now.Add(-3 * time.Hour), Who: "parallax", Why: "4 fallback episodes in 10 min", Run: j.Run, IsAutomatic: true, Strikes: 3, IsHeld: true, Position: 1_000_000}
	j.changes = []resource.StageChange{change}
	j.stage.Held, j.stage.Strikes, j.stage.Last, j.stage.Since, j.stage.Run, j.stage.Control = true, 3, &change, change.At, j.Run, "v1 1.4.0"
	j.stage.Next = &resource.NextStage{Stage: at("canary:1"), At: Now, Missing: []string{"The migration is held: it went back by itself three times. Release it with a reason.", "795,449 more records must be compared."}}
	j.verdict.ID, j.verdict.Reason, j.verdict.Records, j.verdict.LevelHeld = "c0ffeef1d0a0", j.VerdictReason, j.Records, diff.E2
	j.verdict.Missing = []verdict.Missing{{Rule: "records", Reason: "795,449 more records must be compared"}}
	j.details.Identity, j.details.Outputs = identity(j.Run, "v2:8 1.5.0-rc.2"), []resource.Output{{Topic: "settlements", Level: "E2", Rows: 1_180_220}}
	j.details.Emission = nil
	j.ledger = resource.Ledger{Ledger: diff.Ledger{Compared: 1_180_220, Filtered: 24_331}, Records: j.Records, Since: j.since(), Until: newest()}
	return j
}

// quotes waits, and has no evidence.
func quotes() *job {
	j := empty("quotes", "api")
	j.Job.State, j.Reason, j.Job.Since = resource.Waiting, "another instance is active: parallax-1 has the job's partitions", Now.Add(-12*time.Minute)
	return j
}

// positions could not start.
func positions() *job {
	j := empty("positions", "/etc/parallax/jobs/positions.yaml")
	j.Job.State, j.Verdict, j.Restarts, j.Job.Since = resource.Failed, "error", 5, Now.Add(-7*time.Minute)
	j.Reason = "stream POSITIONS: topic positions has no partitions: it does not exist on kafka-1:9093. It failed 5 times in the last hour and is not restarted."
	j.FileError = `line 14: processors.v2: "v3:4" is not a processor; the processors are v1 and v2:N`
	j.VerdictReason = "the job has failed"
	j.verdict.Verdict, j.verdict.Code, j.verdict.Reason, j.verdict.Missing = "error", 2, j.VerdictReason, missing("the job has failed: it must run")
	return j
}

// audit is what people did before, the newest first.
func audit() []resource.AuditEntry {
	at := func(before time.Duration) time.Time { return Now.Add(-before) }
	return []resource.AuditEntry{
		{ID: "a7", At: at(41 * time.Minute), Who: "ana", Role: resource.Deploy, Job: "orders", What: "stage canary:5", Before: "canary:1", After: "canary:5", Reason: "no divergence in canary:1", Result: "done"},
		{ID: "a6", At: at(66 * time.Minute), Who: "ana", Role: resource.Deploy, Job: "orders", What: "stage canary:1", Before: "shadow", After: "canary:1", Reason: "the night's report passed", Result: "done"},
		{ID: "a5", At: at(2 * time.Hour), Who: "ben", Role: resource.Operate, Job: "settlements", What: "pause", Before: "running", After: "paused", Reason: "ask the owners first", Result: "done"},
		{ID: "a4", At: at(3 * time.Hour), Who: "carol", Role: resource.Deploy, Job: "trades-by-symbol", What: "stage next", Before: "shadow", Reason: "try", Result: "trades-by-symbol cannot go forward to canary:1; wait for what is missing, or force it with a reason"},
		{ID: "a3", At: at(20 * time.Hour), Who: "ben", Role: resource.Deploy, Job: "trades-by-symbol", What: "accept " + longDash, After: "accepted until 2027-01-31", Reason: "V2 leaves the note NULL until the first trade: agreed with the readers", Result: "done"},
		{ID: "a2", At: at(26 * time.Hour), Who: "carol", Role: resource.Deploy, Job: "trades-by-symbol", What: "deploy", After: "new", Result: "done"},
		{ID: "a1", At: at(49 * time.Hour), Who: "ben", Role: resource.Operate, Job: "orders", What: "restart", Before: "failed", After: "starting", Result: "done"},
	}
}
