package checkpoint

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

const lockName = "lock"

// Owner is a process that has, or had, a state directory.
type Owner struct {
	Host  string    `json:"host"`
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

func (o Owner) String() string {
	return fmt.Sprintf("process %d on %s since %s", o.PID, o.Host, o.Since.Format(time.RFC3339))
}

// LockedError says that another process has a state directory.
type LockedError struct {
	Path string
	// Owner is nil if the lock does not say who has it.
	Owner *Owner
}

func (e *LockedError) Error() string {
	who := "another process"
	if e.Owner != nil {
		who = e.Owner.String()
	}
	return fmt.Sprintf("state directory %s is used by %s: stop it, or set state.dir to another directory", e.Path, who)
}

// Lock makes a state directory this process' own. The operating system releases it when the
// process ends, however it does, and when a Lock is garbage: keep it until Release.
type Lock struct {
	file *os.File
	// Former is a process that had the directory and ended without releasing it; nil if
	// there is none.
	Former *Owner
}

// LockDir locks a state directory, which it makes if it is missing. The error is a
// LockedError if it is locked.
func LockDir(path string) (*Lock, error) {
	if err := makeDir(path); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	name := filepath.Join(path, lockName)
	if err := ignoreMissing(checkRegular(name)); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	l := &Lock{file: f}
	isFree, err := flock(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("state directory: cannot lock %s: %w", f.Name(), err)
	}
	l.Former = readOwner(f)
	if !isFree {
		f.Close()
		return nil, &LockedError{path, l.Former}
	}
	if err := l.sign(); err != nil {
		f.Close()
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return l, nil
}

// readOwner reads who has the lock, nil if it does not say.
func readOwner(r io.Reader) *Owner {
	const most = 1 << 10
	text, err := io.ReadAll(io.LimitReader(r, most))
	o := new(Owner)
	if err != nil || json.Unmarshal(text, o) != nil {
		return nil
	}
	return o
}

// sign writes who has the lock.
func (l *Lock) sign() error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	text, err := json.Marshal(Owner{Host: host, PID: os.Getpid(), Since: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err = l.file.WriteAt(append(text, '\n'), 0)
	return err
}

// Release gives the directory to the next process. The file stays: another process may be
// waiting with it open.
func (l *Lock) Release() error {
	err := l.file.Truncate(0)
	if closeErr := l.file.Close(); err == nil {
		err = closeErr
	}
	return err
}
