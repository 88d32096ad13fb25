package bench

import "github.com/zeebo/xxh3"

// output takes the encoded rows of a path: it counts them and, where it checks,
// sums their hashes, so that the order of rows does not matter.
type output struct {
	rows, bytes int
	check       bool
	sum         uint64
}

// row takes a row's key and value.
func (o *output) row(key, value []byte) {
	o.rows++
	o.bytes += len(key) + len(value)
	if o.check {
		o.sum += xxh3.Hash(value) ^ xxh3.Hash(key)*0x9e3779b97f4a7c15
	}
}
