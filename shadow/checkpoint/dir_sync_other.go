//go:build !windows

package checkpoint

import "os"

// Sync makes the names of the directory's files survive a loss of power.
func (d osFiles) Sync() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
