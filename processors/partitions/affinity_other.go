//go:build !linux

package partitions

import (
	"fmt"
	"runtime"
)

// pin refuses: no other system lets a thread be tied to a CPU as Linux does.
func pin(int) (cpu int, err error) {
	return 0, fmt.Errorf("pinning partitions to CPUs works on Linux only, and this is %s: leave affinity out of the configuration string", runtime.GOOS)
}
