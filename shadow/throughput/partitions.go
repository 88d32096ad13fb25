package throughput

import (
	"slices"
	"sync"
	"time"

	"parallax/processors"
)

// Partition is the work of one of V2's partitions.
type Partition struct {
	processors.PartitionStats
	// MostQueued is the most records that were seen to wait for it.
	MostQueued int64
	// RecordsPerSecond is over V2's service time: that of all its partitions
	// together, not that in which this one was busy.
	RecordsPerSecond float64
}

// Skew is the largest partition's records over the mean: 1 where all have the
// same, 0 where there are none.
func Skew(partitions []processors.PartitionStats) float64 {
	var most, sum int64
	for _, p := range partitions {
		most = max(most, p.Records)
		sum += p.Records
	}
	if sum == 0 {
		return 0
	}
	return float64(most) * float64(len(partitions)) / float64(sum)
}

// PartitionMeter remembers what V2's counts of a moment do not tell later. The
// zero value has seen nothing. It is safe for concurrent use.
type PartitionMeter struct {
	mu         sync.Mutex
	mostQueued []int64
}

// See takes the counts of now.
func (w *PartitionMeter) See(stats []processors.PartitionStats) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.mostQueued) < len(stats) {
		w.mostQueued = append(w.mostQueued, 0)
	}
	for i, p := range stats {
		w.mostQueued[i] = max(w.mostQueued[i], p.QueuedRecords)
	}
}

// Report joins what was seen with the counts at the end. working is V2's
// service time.
func (w *PartitionMeter) Report(stats []processors.PartitionStats, working time.Duration) []Partition {
	w.mu.Lock()
	most := slices.Clone(w.mostQueued)
	w.mu.Unlock()
	var out []Partition
	for i, p := range stats {
		r := Partition{PartitionStats: p, MostQueued: p.QueuedRecords}
		if i < len(most) {
			r.MostQueued = max(r.MostQueued, most[i])
		}
		if working > 0 {
			r.RecordsPerSecond = float64(p.Records) / working.Seconds()
		}
		out = append(out, r)
	}
	return out
}

// Processed is how many records V2's partitions have processed.
func Processed(partitions []Partition) (n int64) {
	for _, p := range partitions {
		n += p.Records
	}
	return n
}

// Busy is how long V2's engines were busy, over all partitions.
func Busy(partitions []Partition) (d time.Duration) {
	for _, p := range partitions {
		d += time.Duration(p.BusyNanos)
	}
	return d
}
