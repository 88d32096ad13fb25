package partitions

import (
	"sync/atomic"

	"parallax/processors/row"
)

// job is a slice of a batch on its way through V2. There are as many jobs as slices may be
// in flight, and they are reused, so that their memory is allocated once.
type job struct {
	// batch is the whole batch. slice is the job's part of it, which begins with record
	// from. last: it is the batch's last part.
	batch, slice *row.Batch
	from         int
	last         bool
	// lists[query][partition] are the records of the slice for the query's engine in that
	// partition, ascending. hashes[query][partition] are the hashes of their split keys, if
	// the query has one. They are subslices of indices[query] and hashed[query].
	lists   [][][]int32
	hashes  [][][]uint64
	indices [][]int32
	hashed  [][]uint64
	// changes[partition][query] are the changes that the partition's engine made of the
	// slice, until they are merged.
	changes [][][]row.Change
	made    *harvest

	pending atomic.Int32
	// ended is set by the goroutine that closes done. It is not a sync.Once, because that
	// still writes to itself after its function returned, when the job may already have its
	// next slice.
	ended atomic.Bool
	// done is closed when all partitions are, or when err is set.
	done chan struct{}
	err  error
}

func newJob(queries, partitions int) *job {
	j := &job{
		lists: make([][][]int32, queries), hashes: make([][][]uint64, queries),
		indices: make([][]int32, queries), hashed: make([][]uint64, queries),
		changes: make([][][]row.Change, partitions),
	}
	for q := range queries {
		j.lists[q], j.hashes[q] = make([][]int32, partitions), make([][]uint64, partitions)
	}
	for p := range partitions {
		j.changes[p] = make([][]row.Change, queries)
	}
	return j
}

// begin sets the job's slice of a batch.
func (j *job) begin(m *harvest, from int, slice *row.Batch) {
	j.batch, j.made = m.batch, m
	j.slice, j.from, j.last = slice, from, from+slice.Len() == m.batch.Len()
	for _, changes := range j.changes {
		for q := range changes {
			changes[q] = changes[q][:0]
		}
	}
	j.pending.Store(int32(len(j.changes)))
	j.ended.Store(false)
	j.done = make(chan struct{})
	j.err = nil
}

// forget drops the references to the batch.
func (j *job) forget() { j.batch, j.slice, j.made = nil, nil, nil }

// finish marks one partition's work on the job as done.
func (j *job) finish() {
	if j.pending.Add(-1) == 0 && j.ended.CompareAndSwap(false, true) {
		close(j.done)
	}
}

// fail ends the job with an error; the first error is kept. Partitions may continue to work
// on it, because their results are ignored.
func (j *job) fail(err error) {
	if j.done != nil && j.ended.CompareAndSwap(false, true) {
		j.err = err
		close(j.done)
	}
}
