package schedule

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/processors/row"
	"parallax/reports/delivery"
	"parallax/reports/document"
	"parallax/reports/gate"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

var identity = evidence.RunIdentity{Fingerprint: "f", V1: "v1 1", V2: "v2:4 1"}

// span is the evidence of ten records that were equal, of a minute that ends at a time.
func span(n int64, end time.Time) *evidence.Span {
	level := diff.E1
	s := &evidence.Span{
		Version: evidence.SpanVersion, Job: "job", Task: "all", Incarnation: "one", From: 10 * n, To: 10*n + 10, Merged: 1,
		Program: evidence.Program{Version: "1", Commit: "abc"}, Offsets: []evidence.Offsets{{TopicPartition: row.TopicPartition{Topic: "in"}, From: 10 * n, To: 10*n + 10}},
		Wall: [2]time.Time{end.Add(-time.Minute), end}, Stage: "shadow", Ledger: diff.Ledger{Compared: 10}, Require: diff.E1,
		Levels: map[string]diff.Level{"out": diff.E1}, Topics: []evidence.Topic{{Topic: "out", Level: &level, Unit: diff.UnitKey, Rows: 10, NewUnits: 10}},
		Lag: evidence.Lag{Most: -1}, V2: &evidence.SpanV2{Processor: "v2:4", Implementation: "V2"}, Partitions: []evidence.Work{{Records: 10}},
	}
	for i := range int64(10) {
		s.Topics[0].Keys.Add(uint64(10*n + i))
		s.Topics[0].Units.Add(uint64(10*n + i))
	}
	return s
}

// job is a job whose store has a span for each time.
func job(t *testing.T, ends ...time.Time) *Job {
	t.Helper()
	dir := t.TempDir()
	j := &Job{Name: "job", File: "job.yaml", EvidenceDir: filepath.Join(dir, "evidence"), Policy: gate.DefaultPolicy(), Config: DefaultConfig()}
	j.Config.Dir, j.Config.Schedule, j.Config.TimeZone = filepath.Join(dir, "reports"), "17 3 * * *", "Europe/Berlin"
	add(t, j, 0, ends...)
	return j
}

func add(t *testing.T, j *Job, first int64, ends ...time.Time) {
	t.Helper()
	if len(ends) == 0 {
		return
	}
	w, err := store.Open(j.EvidenceDir, j.Name, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, end := range ends {
		if err := w.Append(identity, span(first+int64(i), end)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// reports lists the stored reports: the end of the window, the state, and the records.
func reports(t *testing.T, j *Job) (list []string) {
	t.Helper()
	r, err := j.reader()
	if err != nil || r == nil {
		t.Fatal(r, err)
	}
	defer r.Close()
	rows, err := r.Reports()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		d, err := document.Read(strings.NewReader(string(row.Document)))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%s %s %d", row.To.Format("2006-01-02T15:04Z"), row.State, d.Summary.Records))
		for _, form := range forms {
			if _, err := os.Stat(filepath.Join(j.Config.Dir, d.ID+form)); err != nil {
				t.Error(err)
			}
		}
	}
	return list
}

func at(text string) time.Time {
	v, err := time.Parse("2006-01-02T15:04Z", text)
	if err != nil {
		panic(err)
	}
	return v
}

// TestNightsAreCaughtUpOnceEach: also a night during which nothing ran, and that in which the
// clocks changed.
func TestNightsAreCaughtUpOnceEach(t *testing.T) {
	j := job(t, at("2026-10-23T12:00Z"), at("2026-10-25T01:30Z"), at("2026-10-25T02:18Z"))
	for range 2 { // a second check finds nothing to do
		if err := j.Check(t.Context(), at("2026-10-27T10:00Z")); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"2026-10-24T01:17Z inconclusive 10", "2026-10-25T02:17Z inconclusive 10", "2026-10-26T02:17Z inconclusive 10", "2026-10-27T02:17Z inconclusive 0",
	}
	if got := reports(t, j); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestNoReportBeforeTheWindowHasEnded(t *testing.T) {
	j := job(t)
	if err := j.Check(t.Context(), at("2026-06-02T01:17Z")); err != nil {
		t.Errorf("a job without a store: %v", err)
	}
	add(t, j, 0, at("2026-06-01T12:00Z"))
	if err := j.Check(t.Context(), at("2026-06-02T01:16Z")); err != nil {
		t.Fatal(err)
	}
	if got := reports(t, j); got != nil {
		t.Errorf("%q", got)
	}
	if err := j.Check(t.Context(), at("2026-06-02T01:17Z")); err != nil {
		t.Fatal(err)
	}
	if got := reports(t, j); len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// TestARunningJobMakesAReportEachNight by the clock of the bubble, over both changes of the
// clocks and a restart.
func TestARunningJobMakesAReportEachNight(t *testing.T) {
	for name, start := range map[string]time.Time{"spring": at("2000-03-23T12:00Z"), "autumn": at("2000-10-26T12:00Z")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(start))
				j := job(t, start)
				j.every = time.Hour
				run := func(for_ time.Duration) {
					ctx, cancel := context.WithTimeout(t.Context(), for_)
					defer cancel()
					j.Run(ctx)
				}
				run(3*day + time.Hour)
				time.Sleep(day) // the process is not there
				run(2 * day)
				if got := reports(t, j); len(got) != 6 {
					t.Errorf("%d reports in 6 nights: %q", len(got), got)
				}
			})
		})
	}
}

func TestOldReportsAreDeletedAndOtherFilesStay(t *testing.T) {
	j := job(t, at("2026-06-01T12:00Z"))
	if err := j.Check(t.Context(), at("2026-06-02T10:00Z")); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(j.Config.Dir, "job-notes.html")
	another := filepath.Join(j.Config.Dir, document.ID("jox", at("2020-01-01T00:00Z"))+".html")
	for _, path := range []string{mine, another} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j.Config.Keep = store.Period(2 * day)
	if err := j.Check(t.Context(), at("2026-06-10T10:00Z")); err != nil {
		t.Fatal(err)
	}
	if got := reports(t, j); len(got) != 2 || !strings.HasPrefix(got[0], "2026-06-09") {
		t.Errorf("%q", got)
	}
	files, err := os.ReadDir(j.Config.Dir)
	if err != nil || len(files) != 2*2+2 {
		t.Errorf("%d files, %v", len(files), err)
	}
}

// hook is a webhook that fails as often as it is told to.
func hook(t *testing.T, fail *atomic.Int64) (url string, ids func() []string) {
	got := make(chan string, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if fail.Add(-1) >= 0 {
			w.WriteHeader(http.StatusForbidden) // final, so that there are no pauses
			return
		}
		got <- r.Header.Get(delivery.IdempotencyHeader)
	}))
	t.Cleanup(s.Close)
	return s.URL, func() (list []string) {
		for len(got) > 0 {
			list = append(list, <-got)
		}
		return list
	}
}

func TestAReportIsDeliveredOnceAndAFailureIsTriedAgain(t *testing.T) {
	j := job(t, at("2026-06-01T12:00Z"))
	var fail atomic.Int64
	url, ids := hook(t, &fail)
	j.Config.Deliver = []delivery.Config{{Webhook: url + "/secret"}}
	fail.Store(1)
	now := at("2026-06-02T10:00Z")
	err := j.Check(t.Context(), now)
	if err == nil || !strings.Contains(err.Error(), "403") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	if got := reports(t, j); len(got) != 1 {
		t.Errorf("a delivery that failed took the report along: %q", got)
	}
	if err := j.Check(t.Context(), now.Add(30*time.Second)); err != nil || ids() != nil {
		t.Errorf("tried again at once: %v", err)
	}
	for _, after := range []time.Duration{2 * time.Minute, 10 * time.Minute} {
		if err := j.Check(t.Context(), now.Add(after)); err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(); !slices.Equal(got, []string{"job-20260602T011700Z"}) {
		t.Errorf("delivered %q", got)
	}
	if err := j.Check(t.Context(), at("2026-06-03T10:00Z")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(j.Config.Dir, "job-20260603T011700Z.html"))
	if err != nil || !strings.Contains(string(text), "Deliveries of earlier reports") || !strings.Contains(string(text), "403 Forbidden") {
		t.Errorf("the next report does not show how the deliveries went (%v)", err)
	}
}

func TestAReportThatIsCaughtUpLateIsOnlyInTheFolder(t *testing.T) {
	j := job(t, at("2026-06-01T12:00Z"))
	var fail atomic.Int64
	url, ids := hook(t, &fail)
	j.Config.Deliver = []delivery.Config{{Webhook: url}}
	if err := j.Check(t.Context(), at("2026-06-15T10:00Z")); err != nil {
		t.Fatal(err)
	}
	if got := reports(t, j); len(got) != 14 {
		t.Errorf("%d reports of 14 nights", len(got))
	}
	if got := ids(); len(got) != 7 || got[6] != "job-20260615T011700Z" {
		t.Errorf("delivered %q", got)
	}
}

// TestAJobDoesNotEndBecauseOfItsReports: what is wrong is logged once.
func TestAJobDoesNotEndBecauseOfItsReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := at("2000-06-01T12:00Z")
		time.Sleep(time.Until(start))
		j := job(t, start)
		j.every = time.Hour
		if err := os.WriteFile(j.Config.Dir, nil, 0o600); err != nil { // a file where the folder is to be
			t.Fatal(err)
		}
		var log strings.Builder
		j.Log = slog.New(slog.NewTextHandler(&log, nil))
		ctx, cancel := context.WithTimeout(t.Context(), 2*day)
		defer cancel()
		j.Run(ctx)
		if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Error("it ended before its time")
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 2 { // another one with the second night
			t.Errorf("%d warnings:\n%s", n, log.String())
		}
	})
}
