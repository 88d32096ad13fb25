//go:build !linux

package shadow

import (
	"fmt"
	"runtime"
)

// takeCore refuses: no other system lets a thread be tied to a CPU as Linux does.
func takeCore() (cpu int, release func(), err error) {
	return 0, nil, fmt.Errorf("tying threads to CPUs works on Linux only, and this is %s: leave it out", runtime.GOOS)
}
