package kafka

import "github.com/twmb/franz-go/pkg/kgo"

// slab is the memory of the rows of one batch: the records and their bytes. A
// transaction keeps it until it has committed.
type slab struct {
	records []kgo.Record
	bytes   []byte
}

// shelf keeps slabs of transactions that have committed, for the next ones. The
// zero value is empty.
type shelf struct {
	free []*slab
	// wide is the recent size of a row in bytes, by which new slabs are sized.
	wide int
}

const (
	mostFree = 256     // of a long transaction
	widest   = 8 << 20 // bytes of a slab that is kept
)

// take returns a slab with n records, empty, and no bytes.
func (s *shelf) take(n int) *slab {
	var got *slab
	if last := len(s.free) - 1; last >= 0 {
		got, s.free = s.free[last], s.free[:last]
	} else {
		got = new(slab)
	}
	if cap(got.records) < n {
		got.records = make([]kgo.Record, n)
	}
	got.records = got.records[:n]
	if want := n * s.wide; cap(got.bytes) < want {
		got.bytes = make([]byte, 0, want+want/8)
	}
	got.bytes = got.bytes[:0]
	return got
}

// give takes back slabs whose records are no longer used.
func (s *shelf) give(slabs []*slab) {
	for _, b := range slabs {
		if n := len(b.records); n > 0 {
			s.wide = max(len(b.bytes)/n+1, s.wide*7/8)
		}
		if len(s.free) < mostFree && cap(b.bytes) <= widest {
			clear(b.records)
			s.free = append(s.free, b)
		}
	}
}
