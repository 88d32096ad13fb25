//go:build !linux

package partitions

import (
	"fmt"
	"runtime"
)

// pin returns an error: a thread can be pinned to a CPU on Linux only.
func pin(int) (cpu int, err error) {
	return 0, fmt.Errorf("pinning partitions to CPUs works on Linux only, and this is %s: leave affinity out of the configuration string", runtime.GOOS)
}
