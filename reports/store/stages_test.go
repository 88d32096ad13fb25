package store

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"parallax/shadow/stage"
)

func TestChangesOfStageAreStoredOnceAndReadInTheirOrder(t *testing.T) {
	dir := t.TempDir()
	h, err := OpenHistory(dir, "orders")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	canary := stage.Change{
		To: stage.Stage{Kind: stage.Canary, Percent: 5}, Step: 1, At: begin, Who: "ana", Why: "the gate passes", Verdict: "0123456789ab", Run: "run1", V2: "v2:8", Fingerprint: "f", Position: 1000,
	}
	back := stage.Change{
		From: canary.To, At: begin.Add(time.Minute), Step: -1, Who: "parallax", Why: "1 root divergence", Cause: stage.Divergence, IsAutomatic: true, Strikes: 1, Run: "run1", Position: 2000,
	}
	for _, c := range []stage.Change{back, canary, canary} {
		if err := h.AddStageChange(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(dir, "orders")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	list, err := r.StageChanges()
	if err != nil || len(list) != 2 || list[0] != canary || list[1] != back {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestAStoreOfAnOlderVersionHasNoChangesOfStage, and can be read, and is migrated when it is
// written.
func TestAStoreOfAnOlderVersionHasNoChangesOfStage(t *testing.T) {
	dir := t.TempDir()
	path := Path(dir, "orders")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn(path, "rwc"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(migrations[0] + "; PRAGMA user_version = 1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	read := func() int {
		r, err := OpenReader(dir, "orders")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		list, err := r.StageChanges()
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := read(); n != 0 {
		t.Errorf("%d changes", n)
	}
	h, err := OpenHistory(dir, "orders")
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if err := h.AddStageChange(stage.Change{Who: "ana"}); err != nil {
		t.Fatal(err)
	}
	if n := read(); n != 1 {
		t.Errorf("%d changes after the migration", n)
	}
}

// TestV1ThatHasV2sStateIsSaid: since the newest way back from done, unless the run has read its input
// from the beginning since then.
func TestV1ThatHasV2sStateIsSaid(t *testing.T) {
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	done, shadow := stage.Stage{Kind: stage.Done}, stage.Stage{}
	back := stage.Change{From: done, To: shadow, At: at, Position: 500}
	later := stage.Change{From: shadow, To: stage.Stage{Kind: stage.Canary, Percent: 5}, At: at.Add(time.Hour), Position: 900}
	for name, c := range map[string]struct {
		run     Run
		changes []stage.Change
		want    bool
	}{
		"never done":         {Run{From: 500, Begun: at.Add(time.Minute)}, []stage.Change{later}, false},
		"forward to done":    {Run{From: 500, Begun: at}, []stage.Change{{From: shadow, To: done, At: at}}, false},
		"back":               {Run{From: 500, Begun: at.Add(time.Minute)}, []stage.Change{back, later}, true},
		"back in this run":   {Run{From: 0, Begun: at.Add(-time.Hour)}, []stage.Change{back}, true},
		"from the beginning": {Run{From: 0, Begun: at.Add(time.Minute)}, []stage.Change{back, later}, false},
	} {
		if got := v1HasV2State(&c.run, c.changes); (got != nil) != c.want || got != nil && !got.Equal(at) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
