package ingest

import "sync/atomic"

// Pace says how many records a batch may have, so that what is made of a batch stays
// small: a record may make a row for each group of its window, or one with all that
// its group has collected. It goes by what was made of the batches before; a cut never
// changes a result. The zero value assumes that a record makes a row. It is safe for
// concurrent use.
type Pace struct {
	perRecord atomic.Int64 // bytes
}

const (
	// mostMade is how many bytes a batch's rows are meant to have.
	mostMade = 32 << 20
	// rowMade is the size of a row without its key and value.
	rowMade = 200
)

// Expect says how many rows a record can make, before anything is known of the records:
// batches begin as small as that asks for, and grow.
func (p *Pace) Expect(rows int64) { p.perRecord.Store(rows * rowMade) }

// Limit returns where a batch ends that may have at most so many records.
func (p *Pace) Limit(most int) Limit {
	per := p.perRecord.Load()
	if per <= 0 {
		per = rowMade
	}
	return Limit{records: int(min(int64(most), max(1, mostMade/per))), made: per, fits: cacheBytes}
}

// Made records how many rows the records of a batch produced, and the bytes of their keys and values.
// If they are larger than before, the next batch takes that into account at once; if they are
// smaller, the estimate falls slowly.
func (p *Pace) Made(records, rows int, bytes int64) {
	if records == 0 {
		return
	}
	per, before := (bytes+int64(rows)*rowMade)/int64(records), p.perRecord.Load()
	p.perRecord.Store(max(per, before-before/8-1))
}
