//go:build linux || darwin

package checkpoint

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// Free returns the bytes that are free for this user.
func (d osFiles) Free() (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(string(d), &s); err != nil {
		return 0, &fs.PathError{Op: "statfs", Path: string(d), Err: err}
	}
	return int64(min(s.Bavail, 1<<40) * uint64(s.Bsize)), nil
}
