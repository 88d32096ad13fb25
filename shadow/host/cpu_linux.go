package host

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// cpuTimes are the CPU time that the process has used, and how long its threads of
// now have waited for a CPU (see proc_pid_schedstat: time spent runnable and not
// running, in ns). The former is 0 where it is not known.
func cpuTimes() (used, waited time.Duration) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	const threads = "/proc/self/task"
	list, _ := os.ReadDir(threads) // without it nothing is known to have waited
	for _, t := range list {
		text, err := os.ReadFile(filepath.Join(threads, t.Name(), "schedstat"))
		if err != nil {
			continue // it has ended
		}
		if f := bytes.Fields(text); len(f) > 1 {
			ns, _ := strconv.ParseInt(string(f[1]), 10, 64)
			waited += time.Duration(ns)
		}
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), waited
}

// cpuQuota is how many CPUs the process's control group may use on average; 0 for
// no bound that is known.
func cpuQuota() float64 { return ownGroups().cpus() }

// MemoryLimit is the memory limit of the process's control group, in bytes; 0 if none is
// known.
func MemoryLimit() int64 { return ownGroups().memory() }
