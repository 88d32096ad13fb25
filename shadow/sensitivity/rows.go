package sensitivity

import (
	"encoding/binary"
	"slices"

	"github.com/zeebo/xxh3"

	"parallax/processors/row"
)

const (
	// scanned is how many rows of a batch a round looks at.
	scanned = 1024
	// scannedBytes bounds what they hold together, targetBytes what a row that is changed holds,
	// and besideBytes what a row beside it holds.
	scannedBytes = 4 << 20
	targetBytes  = 1 << 20
	besideBytes  = 64 << 10
	// beside is how many rows before and after a changed row are compared with it.
	beside = 3
)

// rows are those of a batch that a round looks at.
type rows struct {
	one, two []row.Change
	// identities are hashes of output, window and key. before is the index of the row of the
	// same identity before a row, -1 for none, and bytes is what a row holds.
	identities []uint64
	before     []int
	bytes      []int
	latest     map[uint64]int
	text       []byte
}

// scan chooses the rows: some that follow each other, from a place that depends on the batch,
// or around the first deletion.
func (r *rows) scan(seq int64, one, two []row.Change, wantsTombstone bool) {
	from := 0
	if most := len(one) - scanned; most > 0 {
		from = int(spread(uint64(seq)) % uint64(most+1))
		if wantsTombstone {
			first := slices.IndexFunc(one, func(c row.Change) bool { return c.Deleted() })
			from = min(max(first-scanned/2, 0), most)
		}
	}
	to := min(from+scanned, len(one))
	r.one, r.two = one[from:to], two[from:to]
	r.identities, r.before, r.bytes = r.identities[:0], r.before[:0], r.bytes[:0]
	r.latest = map[uint64]int{}
	total := 0
	for i := range r.one {
		n := footprint(&r.one[i])
		if total += n; total > scannedBytes && i > 0 {
			r.one, r.two = r.one[:i], r.two[:i]
			return
		}
		id := r.identity(&r.one[i])
		before, known := r.latest[id]
		if !known {
			before = -1
		}
		r.latest[id] = i
		r.identities, r.before, r.bytes = append(r.identities, id), append(r.before, before), append(r.bytes, n)
	}
}

// release drops the batch.
func (r *rows) release() { r.one, r.two, r.latest = nil, nil, nil }

// identity returns a hash of a row's output, window and key.
func (r *rows) identity(c *row.Change) uint64 {
	text := binary.BigEndian.AppendUint16(r.text[:0], c.Query)
	text = binary.BigEndian.AppendUint64(text, uint64(c.WindowStart))
	text = binary.BigEndian.AppendUint64(text, uint64(c.WindowEnd))
	r.text = row.AppendKey(text, c.Key...)
	return xxh3.Hash(r.text)
}

// spread returns a number without a pattern that an error could share.
func spread(n uint64) uint64 {
	n *= 0x9e3779b97f4a7c15
	n ^= n >> 32
	return n * 0xd6e8feb86659fd93 >> 16
}

// footprint is about how many bytes the values of a row hold.
func footprint(c *row.Change) (n int) {
	for _, v := range c.Key {
		n += v.Footprint()
	}
	for _, v := range c.Values {
		n += v.Footprint()
	}
	return n
}
