package processors

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestAPinnedPartitionMayUseOneCPU(t *testing.T) {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	used := map[int]bool{}
	for partition := range 2 * allowed.Count() {
		got := make(chan unix.CPUSet)
		go func() { // its thread is pinned, and ends with it
			var mine unix.CPUSet
			if err := pin(partition); err != nil {
				t.Error(err)
			} else if err := unix.SchedGetaffinity(0, &mine); err != nil {
				t.Error(err)
			}
			got <- mine
		}()
		mine := <-got
		if mine.Count() != 1 {
			t.Fatalf("partition %d may use %d CPUs, want 1", partition, mine.Count())
		}
		for cpu := range 1024 {
			if mine.IsSet(cpu) {
				used[cpu] = true
			}
		}
	}
	if len(used) != allowed.Count() {
		t.Errorf("partitions were pinned to %d of %d CPUs", len(used), allowed.Count())
	}
}
