package checkpoint

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestADirectoryHasOneOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	other, out := start(t, "lock", path)
	if line, err := out.ReadString('\n'); line != "locked\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}

	_, err := LockDir(path)
	locked, ok := errors.AsType[*LockedError](err)
	host, _ := os.Hostname()
	if !ok || locked.Owner == nil || locked.Owner.PID != other.Process.Pid || locked.Owner.Host != host || locked.Owner.Since.IsZero() {
		t.Fatalf("a directory that another process has: %v", err)
	}
	for _, part := range []string{path, locked.Owner.String(), "state.dir"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %s: %v", part, err)
		}
	}

	// A process that dies leaves the lock to the next one, which is told.
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	l, err := LockDir(path)
	if err != nil {
		t.Fatal(err)
	}
	if l.Former == nil || l.Former.PID != other.Process.Pid {
		t.Errorf("the former owner is %v, want process %d", l.Former, other.Process.Pid)
	}

	// Two of one process are two as well. One that releases it leaves no former owner.
	if _, err := LockDir(path); err == nil {
		t.Error("locked twice")
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
	if l, err = LockDir(path); err != nil || l.Former != nil {
		t.Fatalf("after it was released: %v, %v", l, err)
	}
	if err := l.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestALockThatSaysNothingIsALock(t *testing.T) {
	path := t.TempDir()
	for _, text := range []string{"", "{", strings.Repeat("x", 1<<20)} {
		if err := os.WriteFile(filepath.Join(path, lockName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := LockDir(path)
		if err != nil || l.Former != nil {
			t.Fatalf("%.10q: %v, %v", text, l, err)
		}
		if err := l.file.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if _, err := LockDir(path); err == nil || !strings.Contains(err.Error(), "another process") {
			t.Errorf("%.10q: %v", text, err)
		}
		if err := l.Release(); err != nil {
			t.Fatal(err)
		}
	}
}
