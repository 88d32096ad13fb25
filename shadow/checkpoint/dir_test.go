package checkpoint

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADirectoryKeepsObjects(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "j")
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Put("b", strings.NewReader("old")); err != nil {
		t.Fatal(err)
	}
	if err := d.Put("b", strings.NewReader("new")); err != nil {
		t.Fatal(err)
	}
	if err := d.Create("a.json", []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := d.Create("a.json", []byte("second")); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("a second create: %v", err)
	}
	for name, want := range map[string]string{"a.json": "first", "b": "new"} {
		r, err := d.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(r); string(text) != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, text, err, want)
		}
		r.Close()
	}
	if got := names(t, d); len(got) != 2 || got[0] != "a.json" || got[1] != "b" {
		t.Errorf("there are %v", got)
	}
	for i := range 2 {
		if err := d.Delete("b"); err != nil {
			t.Errorf("delete %d: %v", i, err)
		}
	}
	if _, err := d.Get("b"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("get what was deleted: %v", err)
	}
	if free, err := d.Free(); err != nil || free <= 0 {
		t.Errorf("free: %d, %v", free, err)
	}
}

// TestOnlyTheOwnerReadsTheState: it has the data of records.
func TestOnlyTheOwnerReadsTheState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	d, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Put("a", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	l, err := LockDir(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Release()
	for name, want := range map[string]fs.FileMode{"": fs.ModeDir | 0o700, "a": 0o600, "lock": 0o600} {
		info, err := os.Stat(filepath.Join(path, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%q has mode %v, want %v", name, info.Mode(), want)
		}
	}
}

func TestANameCannotLeadOutOfTheDirectory(t *testing.T) {
	d, err := OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../a", "/a", "a/b", "A", `a\b`, "a\x00", ".a"} {
		if err := d.Put(name, strings.NewReader("x")); err == nil {
			t.Errorf("put %q", name)
		}
		if _, err := d.Get(name); err == nil {
			t.Errorf("get %q", name)
		}
		if err := d.Delete(name); err == nil {
			t.Errorf("delete %q", name)
		}
	}
}

func TestAnErrorOfADirectoryNamesThePath(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below")} {
		if _, err := OpenDir(path); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("a directory at %s: %v", path, err)
		}
		if _, err := LockDir(path); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("a lock in %s: %v", path, err)
		}
	}
	if _, err := ReadDir(filepath.Join(t.TempDir(), "none")).List(""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a list of a directory that is not there: %v", err)
	}
}

// TestAFileSystemWithoutLinksCreatesOnce: some have none.
func TestAFileSystemWithoutLinksCreatesOnce(t *testing.T) {
	d := &Dir{path: "state", files: withoutLinks{newDisk()}}
	if err := d.Create("a", []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := d.Create("a", []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second create: %v", err)
	}
	if got := names(t, d); len(got) != 1 {
		t.Errorf("there are %v", got)
	}
}

type withoutLinks struct{ *disk }

func (withoutLinks) Link(string, string) error { return errors.ErrUnsupported }

func TestJobsWithDifferentNamesHaveDifferentDirectories(t *testing.T) {
	seen := map[string]string{}
	for _, job := range []string{"a", "A", "a b", "a%20b", "..", ".", "a/b", "a/../b", "%2E.", "ä", "\x00", "-", "a.b"} {
		path := TaskPath("state", job, "all")
		if other, ok := seen[path]; ok {
			t.Errorf("%q and %q are both in %s", job, other, path)
		}
		seen[path] = job
		if rel, err := filepath.Rel("state", path); err != nil || strings.Count(filepath.ToSlash(rel), "/") != 1 || strings.HasPrefix(rel, "..") {
			t.Errorf("%q is in %s", job, path)
		}
	}
}
