package store_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/reports/store"
)

// logged is a recorder of a store, with its log.
func logged(dir string, opt store.Options) (*store.Recorder, *bytes.Buffer) {
	var text bytes.Buffer
	return store.StartRecorder(dir, "job", identity, opt, slog.New(slog.NewTextHandler(&text, nil))), &text
}

// TestAStoreThatFailsIsAHole: whatever is wrong with the store, Take returns, a warning says what
// it is, and the spans are counted as dropped.
func TestAStoreThatFailsIsAHole(t *testing.T) {
	path := func(dir string) string { return store.Path(dir, "job") }
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		opt   store.Options
		says  string
	}{
		"locked by another process": {func(t *testing.T, dir string) {
			w := open(t, dir)
			t.Cleanup(func() { w.Close() })
		}, store.Options{}, "is used by"},
		"damaged": {func(t *testing.T, dir string) {
			write(t, path(dir), []byte(strings.Repeat("no database ", 1000)))
		}, store.Options{}, "not a database"},
		"of a newer version": {func(t *testing.T, dir string) {
			w := open(t, dir)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path(dir))
			if err != nil {
				t.Fatal(err)
			}
			text[63] = 99 // user_version, big-endian at 60
			write(t, path(dir), text)
		}, store.Options{}, "use a newer version of the program"},
		"a file in place of the directory": {func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "job"), []byte("x"))
		}, store.Options{}, "it is a file"},
		"full": {func(*testing.T, string) {}, store.Options{MaxSize: 1}, "evidence.max_size"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c.spoil(t, dir)
			r, log := logged(dir, c.opt)
			for i := range int64(3) {
				r.Take(span(10*i, 10*i+10))
			}
			r.Close()
			if n := r.Counts(); n.Stored != 0 || n.Dropped != 3 || !n.IsFailing {
				t.Errorf("the counts are %+v", n)
			}
			if text := log.String(); !strings.Contains(text, c.says) || strings.Count(text, "level=WARN") != 1 {
				t.Errorf("the log is\n%s", text)
			}
		})
	}
}

// TestAStoreThatWasDeletedIsMadeAgain: the spans after it are a run of their own, because nothing
// says what was before.
func TestAStoreThatWasDeletedIsMadeAgain(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir)
	if err := w.Append(identity, span(0, 10)); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(store.Path(dir, "job") + end); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Append(identity, span(10, 20)); !errors.Is(err, store.ErrReplaced) {
		t.Errorf("a store that was deleted: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, _ := logged(dir, store.Options{})
	r.Take(span(10, 20))
	r.Close()
	if s := stretch(t, reader(t, dir)); s.From != 10 || s.To != 20 || r.Counts().Stored != 1 {
		t.Errorf("the stretch is from %d to %d", s.From, s.To)
	}
}

// TestTakeNeverWaits: while the store is busy, spans wait, and then they are dropped.
func TestTakeNeverWaits(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir) // has the lock: nothing can be stored
	r, _ := logged(dir, store.Options{})
	const taken = 1000
	for i := range int64(taken) {
		r.Take(span(10*i, 10*i+10))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r.Close()
	if n := r.Counts(); n.Stored+n.Dropped != taken || n.Dropped < taken-200 {
		t.Errorf("the counts are %+v", n)
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, text, 0o600)); err != nil {
		t.Fatal(err)
	}
}
