package checkpoint

import (
	"io/fs"
	"math"

	"golang.org/x/sys/windows"
)

// Free returns the bytes that are free for this user.
func (d osFiles) Free() (int64, error) {
	path, err := windows.UTF16PtrFromString(string(d))
	if err != nil {
		return 0, &fs.PathError{Op: "free space", Path: string(d), Err: err}
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, &fs.PathError{Op: "free space", Path: string(d), Err: err}
	}
	return int64(min(free, math.MaxInt64)), nil
}
