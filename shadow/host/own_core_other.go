//go:build !linux

package host

import (
	"fmt"
	"runtime"
)

// TakeCore returns an error: only Linux can tie a thread to a CPU in this way.
func TakeCore() (cpu int, release func(), err error) {
	return 0, nil, fmt.Errorf("threads can be tied to CPUs on Linux only, and this is %s: remove v1.own_core", runtime.GOOS)
}
