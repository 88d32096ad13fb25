package host

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// affinities are the CPUs of the process's threads.
func affinities(t *testing.T) map[int]unix.CPUSet {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	all := map[int]unix.CPUSet{}
	for _, task := range tasks {
		tid, err := strconv.Atoi(task.Name())
		if err != nil {
			t.Fatal(err)
		}
		var cpus unix.CPUSet
		if unix.SchedGetaffinity(tid, &cpus) == nil { // else it has ended
			all[tid] = cpus
		}
	}
	return all
}

// TestAThreadHasACPUOfItsOwnUntilItIsReleased also shows that the last CPU for all other
// threads cannot be reserved.
func TestAThreadHasACPUOfItsOwnUntilItIsReleased(t *testing.T) {
	var before unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	if before.Count() < 2 {
		t.Skip("this process may use one CPU only")
	}
	cpu, release, err := TakeCore()
	if err != nil {
		t.Fatal(err)
	}
	me := unix.Gettid()
	for tid, cpus := range affinities(t) {
		if own := tid == me; cpus.IsSet(cpu) != own || own && cpus.Count() != 1 || !own && cpus.Count() != before.Count()-1 {
			t.Errorf("thread %d (mine is %d) may use %d CPUs, CPU %d: %v", tid, me, cpus.Count(), cpu, cpus.IsSet(cpu))
		}
	}
	refused := make(chan error)
	go func() {
		var held []func()
		for {
			_, release, err := TakeCore()
			if err != nil {
				for _, free := range held {
					free()
				}
				refused <- err
				return
			}
			held = append(held, release)
		}
	}()
	if err := <-refused; !strings.Contains(err.Error(), "only one CPU") {
		t.Errorf("the last CPU is refused with: %v", err)
	}
	release()
	for tid, cpus := range affinities(t) {
		if cpus != before {
			t.Errorf("thread %d may use %d CPUs afterwards, want %d", tid, cpus.Count(), before.Count())
		}
	}
}
