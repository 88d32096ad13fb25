//go:build !linux

package host

import "time"

// cpuTimes is not known here.
func cpuTimes() (used, waited time.Duration) { return 0, 0 }

func cpuQuota() float64 { return 0 }

func MemoryLimit() int64 { return 0 }
