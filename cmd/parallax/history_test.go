package main

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// TestTheHistoryHasTheWindowsOfTheReports: a job with a schedule has a line for each of its
// windows, with the verdict of the window's report. That verdict is made when the window is over,
// and says nothing of the window in which it is made.
func TestTheHistoryHasTheWindowsOfTheReports(t *testing.T) {
	t.Chdir(t.TempDir())
	job := `job: trades
kafka: {brokers: ["127.0.0.1:1"], group: g}
sql: CREATE STREAM t (a BIGINT) WITH (kafka_topic='t'); CREATE STREAM o AS SELECT a FROM t;
reports: {schedule: "17 3 * * *", time_zone: Europe/Berlin}
`
	if err := os.WriteFile("job.yaml", []byte(job), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC) }
	w, err := store.Open("evidence", "trades", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// 03:17 in Berlin is 02:17 in UTC, and 01:17 from the 29th on.
	for i, ended := range []time.Time{at(27, 12), at(28, 2), at(28, 3), at(29, 1), at(29, 2)} {
		err = errors.Join(err, w.Append(evidence.RunIdentity{Fingerprint: "f", V1: "v1", V2: "v2:4"}, spanOf("trades", int64(i)*100, int64(i)*100+100, ended)))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenReader("evidence", "trades")
	if err != nil {
		t.Fatal(err)
	}
	runs, err := r.Runs()
	if err := errors.Join(err, r.Close()); err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	h, err := store.OpenHistory("evidence", "trades")
	if err != nil {
		t.Fatal(err)
	}
	from, to := at(27, 2).Add(17*time.Minute), at(28, 2).Add(17*time.Minute)
	_, _, err = h.AddReport(store.ReportRow{From: from, To: to, Run: runs[0].Run, Verdict: "aaaaaaaaaaaa", State: "error", Made: to})
	err = errors.Join(err,
		h.AddVerdict(store.VerdictRow{ID: "bbbbbbbbbbbb", Run: runs[0].Run, Made: from.Add(time.Hour), State: "fail"}),
		h.AddVerdict(store.VerdictRow{ID: "aaaaaaaaaaaa", Run: runs[0].Run, Made: to, State: "error"}),
		h.AddVerdict(store.VerdictRow{ID: "cccccccccccc", Run: runs[0].Run, Made: at(29, 3), State: "pass"}),
		h.Close())
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := parallax(t, "--json", "history", "job.yaml")
	var got struct{ Nights []night }
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || len(got.Nights) != 3 {
		t.Fatalf("%d, %v: %s%s", code, err, out, errs)
	}
	for i, want := range []struct {
		from, to, verdict string
		records           int64
		isStored          bool
	}{
		{"2026-03-27T02:17:00Z", "2026-03-28T02:17:00Z", "error", 200, true},
		{"2026-03-28T02:17:00Z", "2026-03-29T01:17:00Z", "inconclusive", 200, false},
		{"2026-03-29T01:17:00Z", "2026-03-30T01:17:00Z", "pass", 100, true},
	} {
		n := got.Nights[i]
		if n.From.Format(time.RFC3339) != want.from || n.To.Format(time.RFC3339) != want.to || string(n.Verdict) != want.verdict || n.Records != want.records || n.IsStored != want.isStored {
			t.Errorf("night %d: %+v, want %+v", i, n, want)
		}
	}
	if _, out, _ := parallax(t, "history", "job.yaml"); !strings.HasPrefix(out, "from ") || !strings.Contains(out, "\n2026-03-28 03:17  ") {
		t.Error(out)
	}
}
