//go:build unix

package checkpoint

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestWhatIsNoRegularFileIsNotOpened: a pipe would be waited for, and a link could lead out of the
// directory.
func TestWhatIsNoRegularFileIsNotOpened(t *testing.T) {
	path, outside := filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "outside")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := ReadDir(path)
	id := ID{Number: 3, Generation: 1, Position: 7}
	for name, make := range map[string]func(string) error{
		"a pipe":      func(at string) error { return syscall.Mkfifo(at, 0o600) },
		"a link":      func(at string) error { return os.Symlink(outside, at) },
		"a directory": func(at string) error { return os.Mkdir(at, 0o700) },
	} {
		for _, file := range []string{id.Manifest(), lockName} {
			at := filepath.Join(path, file)
			if err := make(at); err != nil {
				t.Fatal(err)
			}
			var err error
			if file == lockName {
				_, err = LockDir(path)
			} else {
				_, err = dir.Get(file)
			}
			if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "not a regular file") {
				t.Errorf("%s for %s: %v", name, file, err)
			}
			if file != lockName {
				found, err := List(dir)
				if err != nil || len(found) != 1 || found[0].Err == nil {
					t.Errorf("%s for %s is listed as %+v, %v; want damage", name, file, found, err)
				}
			}
			if err := os.Remove(at); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := os.Lstat(outside); err == nil {
		t.Error("a file was made outside of the directory")
	}
}
