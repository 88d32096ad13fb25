package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/reports/store"
)

// TestAnEmptyFileHasNoEvidence: it is what a copy is that was cut off, or a store before the job
// has written its first evidence. The job fills it.
func TestAnEmptyFileHasNoEvidence(t *testing.T) {
	dir := t.TempDir()
	path := store.Path(dir, "j")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.OpenReader(dir, "j")
	if !errors.Is(err, store.ErrNoRun) || !strings.Contains(err.Error(), "the file is empty, or is not an evidence store; if it is a copy, copy it again") {
		t.Errorf("got %v", err)
	}
	w, err := store.Open(dir, "j", store.Options{})
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenReader(dir, "j")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
