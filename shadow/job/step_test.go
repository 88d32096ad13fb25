package job

import (
	"testing"
	"time"

	"parallax/diff"
	"parallax/reports/store"
	"parallax/shadow/evidence"
	"parallax/shadow/migration"
	"parallax/shadow/stage"
)

// TestRowsOfV2OfAStepAreCountedOverRestarts: those of the spans of all processes since the step began,
// and not those of the step before.
func TestRowsOfV2OfAStepAreCountedOverRestarts(t *testing.T) {
	dir, at := t.TempDir(), time.Now().UTC().Add(-time.Hour)
	w, err := store.Open(dir, "j", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, rows := range []int64{700, 0, 400, 350} {
		begins := at.Add(time.Duration(i) * time.Minute)
		s := &evidence.Span{
			Version: evidence.SpanVersion, Job: "j", Task: "t", Incarnation: []string{"a", "a", "b", "c"}[i], From: int64(i) * 100, To: int64(i+1) * 100, Merged: 1,
			Wall: [2]time.Time{begins, begins.Add(time.Minute)}, Stage: "canary:5", Ledger: diff.Ledger{Compared: 100}, Lag: evidence.Lag{Most: -1},
		}
		if rows > 0 {
			s.Emission = &evidence.Emission{RowsOfV2: rows}
		}
		if err := w.Append(evidence.RunIdentity{Fingerprint: "f"}, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	j := &Job{Name: "j", Evidence: Evidence{Dir: dir}}
	var f migration.Facts
	if err := j.addStep(&f, stage.Status{Stage: stage.Stage{Kind: stage.Canary, Percent: 5}, Since: at.Add(90 * time.Second), Position: 100}); err != nil || f.RowsOfV2 != 750 {
		t.Errorf("%d rows of V2, want 750: %v", f.RowsOfV2, err)
	}
}
