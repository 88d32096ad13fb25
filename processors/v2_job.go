package processors

import (
	"sync/atomic"

	"parallax/processors/exec"
	"parallax/processors/row"
)

// job is a batch on its way through V2. There are as many as batches may be in
// flight, and they are used again: what a job holds is sized once.
type job struct {
	batch *row.Batch
	// lists[query][partition] are the records of the batch that the query's
	// engine there takes, ascending; they lie side by side in indices[query].
	lists   [][][]int32
	indices [][]int32
	// dispositions[query] is shared by the partitions: each writes the records
	// of its list.
	dispositions [][]row.Disposition
	// results[partition][query] is written by the partition.
	results [][]exec.Result

	pending atomic.Int32
	// ended is set by whoever closes done. Not a sync.Once, which still writes to
	// itself after that, when the job may already have its next batch.
	ended atomic.Bool
	// done is closed when all partitions are, or when err is set.
	done chan struct{}
	err  error
}

func newJob(queries, partitions int) *job {
	j := &job{
		lists:        make([][][]int32, queries),
		indices:      make([][]int32, queries),
		dispositions: make([][]row.Disposition, queries),
		results:      make([][]exec.Result, partitions),
	}
	for q := range queries {
		j.lists[q] = make([][]int32, partitions)
	}
	for p := range partitions {
		j.results[p] = make([]exec.Result, queries)
	}
	return j
}

// begin gives the job its batch. What the last one left is gone, but for the
// memory.
func (j *job) begin(b *row.Batch) {
	j.batch = b
	for q := range j.lists {
		// Dispositions go out with the outcome, so they are new each time.
		j.dispositions[q] = make([]row.Disposition, b.Len())
	}
	for _, results := range j.results {
		for q := range results {
			changes := results[q].Changes
			clear(changes) // they hold on to keys and values
			results[q] = exec.Result{Changes: changes[:0], Dispositions: j.dispositions[q]}
		}
	}
	j.pending.Store(int32(len(j.results)))
	j.ended.Store(false)
	j.done = make(chan struct{})
	j.err = nil
}

// finish says that one partition is done with the job.
func (j *job) finish() {
	if j.pending.Add(-1) == 0 && j.ended.CompareAndSwap(false, true) {
		close(j.done)
	}
}

// fail ends the job with an error; the first one counts. Partitions that still
// work on it may do so: nobody looks at what they write.
func (j *job) fail(err error) {
	if j.ended.CompareAndSwap(false, true) {
		j.err = err
		close(j.done)
	}
}
