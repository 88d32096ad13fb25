package partitions

import (
	"testing"

	"golang.org/x/sys/unix"

	"parallax/processors"
	"parallax/processors/plan"
)

func TestPartitionsSayWhichCPUTheyArePinnedTo(t *testing.T) {
	p, err := plan.Compile("CREATE STREAM s (a BIGINT) WITH (kafka_topic='s', value_format='JSON'); SELECT a FROM s;", plan.BuildOptions{DefaultTopic: "out"})
	if err != nil {
		t.Fatal(err)
	}
	for _, affinity := range []bool{true, false} {
		v2, err := New(p, processors.Config{Architecture: processors.ArchitectureV2, Partitions: 3, Affinity: affinity}, processors.Options{}, Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range v2.Partitions() {
			if pinned := s.Pinned > 0; pinned != affinity {
				t.Errorf("affinity %v: partition %d says %d", affinity, i, s.Pinned)
			}
		}
		if err := v2.Close(); err != nil {
			t.Error(err)
		}
	}
}

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
			cpu, err := pin(partition)
			if err != nil {
				t.Error(err)
			} else if err := unix.SchedGetaffinity(0, &mine); err != nil {
				t.Error(err)
			} else if !mine.IsSet(cpu) {
				t.Errorf("partition %d is said to be on CPU %d, which it may not use", partition, cpu)
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
