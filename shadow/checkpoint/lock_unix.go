//go:build linux || darwin

package checkpoint

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// flock locks an open file for its process; false if another has it.
func flock(f *os.File) (bool, error) {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		default:
			return err == nil, err
		}
	}
}
