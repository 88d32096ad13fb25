package checkpoint

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lockOffset is where flock locks: far beyond the owner that the file names, because Windows lets no other process
// read a locked byte.
const lockOffset = 1 << 62

// flock locks an open file for its process; false if another has it.
func flock(f *os.File) (bool, error) {
	at := windows.Overlapped{OffsetHigh: lockOffset >> 32}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return false, nil
	}
	return err == nil, err
}
