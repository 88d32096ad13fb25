package shadow

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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
func cpuQuota() float64 {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return 0
	}
	return quotaOf(string(text), func(name string) (string, bool) {
		text, err := os.ReadFile(filepath.Join("/sys/fs/cgroup", name))
		return string(text), err == nil
	})
}

// quotaOf reads /proc/self/cgroup, whose lines are hierarchy:controllers:path, and
// the quota of that group and of those that it is in: the least counts. read reads
// a file of the hierarchy. Hierarchies of version 1 are mounted by controller; in a
// container the group of the process may be mounted as the root.
func quotaOf(groups string, read func(name string) (string, bool)) (least float64) {
	bound := func(quota, period string) {
		q, err := strconv.ParseFloat(quota, 64)
		p, err2 := strconv.ParseFloat(period, 64)
		if err == nil && err2 == nil && q > 0 && p > 0 && (least == 0 || q/p < least) {
			least = q / p
		}
	}
	for line := range strings.Lines(groups) {
		part := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(part) < 3 {
			continue
		}
		for dir := filepath.Clean("/" + part[2]); ; dir = filepath.Dir(dir) {
			if part[1] == "" {
				text, _ := read(filepath.Join(dir, "cpu.max"))
				if f := strings.Fields(text); len(f) == 2 {
					bound(f[0], f[1]) // "max" is no number
				}
			} else if slices.Contains(strings.Split(part[1], ","), "cpu") {
				quota, _ := read(filepath.Join("cpu", dir, "cpu.cfs_quota_us"))
				period, _ := read(filepath.Join("cpu", dir, "cpu.cfs_period_us"))
				bound(strings.TrimSpace(quota), strings.TrimSpace(period)) // -1 is none
			}
			if dir == "/" {
				break
			}
		}
	}
	return least
}
