package host

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// cgroups are the control groups of a process, from its own up to the root, by hierarchy. A
// limit of any of them limits the process.
type cgroups struct {
	lines string // of /proc/self/cgroup: hierarchy:controllers:path
	// read reads a file of the hierarchy.
	read func(name string) (string, bool)
}

// ownGroups are this process's.
func ownGroups() cgroups {
	text, _ := os.ReadFile("/proc/self/cgroup") // without it nothing is bound
	return cgroups{string(text), func(name string) (string, bool) {
		text, err := os.ReadFile(filepath.Join("/sys/fs/cgroup", name))
		return string(text), err == nil
	}}
}

// each visits the folders of the groups in which a controller may limit the process.
// Hierarchies of version 1 are mounted for each controller, the unified one is not. In a
// container the group of the process may be mounted as the root.
func (g cgroups) each(controller string, visit func(unified bool, dir string)) {
	for line := range strings.Lines(g.lines) {
		part := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(part) < 3 {
			continue
		}
		unified := part[1] == ""
		if !unified && !slices.Contains(strings.Split(part[1], ","), controller) {
			continue
		}
		for dir := filepath.Clean("/" + part[2]); ; dir = filepath.Dir(dir) {
			if unified {
				visit(true, dir)
			} else {
				visit(false, filepath.Join(controller, dir))
			}
			if dir == "/" {
				break
			}
		}
	}
}

// cpus is how many CPUs the groups may use on average: the least counts; 0 for no
// bound that is known.
func (g cgroups) cpus() (least float64) {
	bound := func(quota, period string) {
		q, err := strconv.ParseFloat(quota, 64)
		p, err2 := strconv.ParseFloat(period, 64)
		if err == nil && err2 == nil && q > 0 && p > 0 && (least == 0 || q/p < least) {
			least = q / p
		}
	}
	g.each("cpu", func(unified bool, dir string) {
		if unified {
			text, _ := g.read(filepath.Join(dir, "cpu.max"))
			if f := strings.Fields(text); len(f) == 2 {
				bound(f[0], f[1]) // "max" is not a number
			}
			return
		}
		quota, _ := g.read(filepath.Join(dir, "cpu.cfs_quota_us"))
		period, _ := g.read(filepath.Join(dir, "cpu.cfs_period_us"))
		bound(strings.TrimSpace(quota), strings.TrimSpace(period)) // -1 is no limit
	})
	return least
}

// memory is the smallest memory limit of the groups, in bytes; 0 if none is known.
func (g cgroups) memory() (least int64) {
	g.each("memory", func(unified bool, dir string) {
		name := "memory.limit_in_bytes"
		if unified {
			name = "memory.max"
		}
		text, _ := g.read(filepath.Join(dir, name))
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64) // "max" is not a number
		if err == nil && n > 0 && (least == 0 || n < least) {
			least = n
		}
	})
	return least
}
