package partitions

import (
	"sync/atomic"

	"parallax/processors/exec"
	"parallax/processors/recycle"
	"parallax/processors/row"
)

// job is a batch on its way through V2. There are as many as batches may be in
// flight, and they are used again: what a job holds is sized once.
type job struct {
	batch *row.Batch
	// lists[query][partition] are the records of the batch that the query's
	// engine there takes, ascending, and hashes[query][partition] the hashes of
	// their split keys, where the query has one; they lie side by side in
	// indices[query] and hashed[query].
	lists   [][][]int32
	hashes  [][][]uint64
	indices [][]int32
	hashed  [][]uint64
	made    *harvest

	pending atomic.Int32
	// ended is set by whoever closes done. Not a sync.Once, which still writes to
	// itself after that, when the job may already have its next batch.
	ended atomic.Bool
	// done is closed when all partitions are, or when err is set.
	done chan struct{}
	err  error
}

// harvest is what an outcome of V2 consists of. It goes out with the outcome and
// comes back when that is released.
type harvest struct {
	// results[partition][query] is written by the partition.
	results [][]exec.Result
	// dispositions[query] is shared by the partitions: each writes the records
	// of its list.
	dispositions [][]row.Disposition
	merged       []row.Change
	// shares are the router's, of a sample of keys; nil where all are taken.
	shares []row.Share
}

func newJob(queries, partitions int) *job {
	j := &job{
		lists: make([][][]int32, queries), hashes: make([][][]uint64, queries),
		indices: make([][]int32, queries), hashed: make([][]uint64, queries),
	}
	for q := range queries {
		j.lists[q], j.hashes[q] = make([][]int32, partitions), make([][]uint64, partitions)
	}
	return j
}

// begin gives the job its batch, and what its outcome will be made of.
func (j *job) begin(b *row.Batch, m *harvest, partitions int) {
	queries := len(j.lists)
	if m.results == nil {
		m.results, m.dispositions = make([][]exec.Result, partitions), make([][]row.Disposition, queries)
		for p := range m.results {
			m.results[p] = make([]exec.Result, queries)
		}
	}
	for q := range m.dispositions {
		m.dispositions[q] = recycle.Cleared(m.dispositions[q], b.Len())
	}
	for _, results := range m.results {
		for q := range results {
			results[q].Reset(m.dispositions[q])
		}
	}
	j.batch, j.made = b, m
	j.pending.Store(int32(partitions))
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
	if j.done != nil && j.ended.CompareAndSwap(false, true) {
		j.err = err
		close(j.done)
	}
}
