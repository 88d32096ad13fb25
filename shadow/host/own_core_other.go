//go:build !linux

package host

import (
	"fmt"
	"runtime"
)

// TakeCore refuses: no other system lets a thread be tied to a CPU as Linux does.
func TakeCore() (cpu int, release func(), err error) {
	return 0, nil, fmt.Errorf("threads can be tied to CPUs on Linux only, and this is %s: remove v1.own_core", runtime.GOOS)
}
