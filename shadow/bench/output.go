package bench

import (
	"fmt"

	"github.com/zeebo/xxh3"
)

// output receives the encoded rows of a path. It counts them and, if it checks, sums their
// hashes, which do not depend on the order of rows.
type output struct {
	rows, bytes int
	check       bool
	sum         uint64
	// take is called with each row; it may be nil.
	take func(key, value []byte)
	// batches is the number of batches in which the records came, without the flush.
	batches int
	// routing is how a V2 distributed the records.
	routing routing
}

// row receives a row's key and value.
func (o *output) row(key, value []byte) {
	o.rows++
	o.bytes += len(key) + len(value)
	if o.take != nil {
		o.take(key, value)
	}
	if o.check {
		o.sum += xxh3.Hash(value) ^ xxh3.Hash(key)*0x9e3779b97f4a7c15
	}
}

// add adds the rows of another output.
func (o *output) add(other *output) {
	o.rows += other.rows
	o.bytes += other.bytes
	o.sum += other.sum
}

// checksum is the sum of the rows' hashes, as text.
func (o *output) checksum() string { return fmt.Sprintf("%016x", o.sum) }
