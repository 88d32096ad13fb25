package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
)

// runningName is an object that is there from before a process of the job can commit until its
// clean stop is stored, or its checkpoints are deleted after a flush. A process that crashes leaves it.
const runningName = "running"

// IsRunning reports whether a process of the job may have committed after the newest checkpoint: it
// began, and did not stop cleanly.
func IsRunning(s Storage) (bool, error) {
	r, err := s.Get(runningName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("state directory: %w", err)
	}
	return true, r.Close()
}

// BeginRunning notes that a process of the job may commit from now on.
func BeginRunning(s Storage) error {
	if err := s.Create(runningName, nil); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("state directory: %w", err)
	}
	return nil
}

// EndRunning notes that nothing has committed after the newest checkpoint, or that there is none.
func EndRunning(s Storage) error { return s.Delete(runningName) }
