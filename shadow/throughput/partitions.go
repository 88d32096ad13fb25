package throughput

import (
	"slices"
	"sync"
	"time"

	"parallax/processors"
	"parallax/shadow/evidence"
)

// Skew is the largest partition's records divided by the mean: 1 if all partitions have the
// same number, 0 if there are no records.
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

// SkewOf is Skew for the work that is recorded in evidence.
func SkewOf(partitions []evidence.Work) float64 {
	stats := make([]processors.PartitionStats, len(partitions))
	for i, p := range partitions {
		stats[i].Records = p.Records
	}
	return Skew(stats)
}

// PartitionMeter keeps maxima of the candidate's counts, which later counts no longer show.
// The zero value is empty. It is safe for concurrent use.
type PartitionMeter struct {
	mu         sync.Mutex
	mostQueued []int64
}

// See adds the current counts.
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

// Report combines the maxima with the counts at the end. working is the candidate's service
// time.
func (w *PartitionMeter) Report(stats []processors.PartitionStats, working time.Duration) []evidence.Partition {
	w.mu.Lock()
	most := slices.Clone(w.mostQueued)
	w.mu.Unlock()
	var out []evidence.Partition
	for i, p := range stats {
		r := evidence.Partition{
			Records: p.Records, Keys: p.Keys, Busy: evidence.Duration(p.BusyNanos), MostQueued: p.QueuedRecords,
			RecordsPerSecond: PerSecond(p, working),
		}
		if i < len(most) {
			r.MostQueued = max(r.MostQueued, most[i])
		}
		out = append(out, r)
	}
	return out
}

// PerSecond is how many records a partition has processed in a second of a time.
func PerSecond(p processors.PartitionStats, took time.Duration) float64 {
	if took <= 0 {
		return 0
	}
	return float64(p.Records) / took.Seconds()
}

// Busy is the time that the candidate's engines were busy, summed over all partitions.
func Busy(partitions []processors.PartitionStats) (d time.Duration) {
	for _, p := range partitions {
		d += time.Duration(p.BusyNanos)
	}
	return d
}
