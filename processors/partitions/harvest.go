package partitions

import (
	"parallax/processors/exec"
	"parallax/processors/recycle"
	"parallax/processors/row"
)

// harvest is a batch on its way through V2, with the parts of its outcome. It is returned
// with the outcome and reused after its release.
type harvest struct {
	batch *row.Batch
	// results[partition][query] is written by the partition, slice after slice. The
	// changes are not in it: they are the jobs' until they are merged.
	results [][]exec.Result
	// dispositions[query] is shared by the partitions: each writes the records
	// of its lists.
	dispositions [][]row.Disposition
	merged       []row.Change
	// worked[partition] is how many records the partition has processed.
	worked []int64
	// shares are the router's, of a sample of keys; nil where all are taken.
	shares []row.Share
}

// begin empties the harvest for a batch.
func (m *harvest) begin(b *row.Batch, queries, partitions int, sampled bool) {
	m.batch = b
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
			results[q].Reset(nil)
		}
	}
	m.merged = m.merged[:0]
	m.worked = recycle.Cleared(m.worked, partitions)
	if sampled {
		m.shares = recycle.Sized(m.shares, b.Len())
	}
}
