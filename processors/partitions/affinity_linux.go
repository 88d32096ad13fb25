package partitions

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// pin locks the calling goroutine to one thread and that thread to one of the CPUs that
// the process may use, chosen by the number of the partition, and returns the CPU. The
// thread is not unlocked: it ends with the goroutine.
func pin(partition int) (cpu int, err error) {
	runtime.LockOSThread()
	var allowed, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return 0, fmt.Errorf("cannot read which CPUs the process may use: %w", err)
	}
	want := partition % allowed.Count()
	for ; ; cpu++ {
		if !allowed.IsSet(cpu) {
			continue
		}
		if want > 0 {
			want--
			continue
		}
		one.Set(cpu)
		if err := unix.SchedSetaffinity(0, &one); err != nil {
			return 0, fmt.Errorf("pinning partition %d to CPU %d: %w", partition, cpu, err)
		}
		return cpu, nil
	}
}
