package bench

import (
	"sync"

	"parallax/processors/row"
	"parallax/shadow/ingest"
)

// cuts says where the batches of an input end, by the rule by which those of a job do. It
// is safe for concurrent use.
type cuts struct {
	in   *Input
	most int
	pace ingest.Pace

	mu   sync.Mutex
	ends []int // of the batches so far
}

// cuts returns where batches of at most a number of records end.
func (in *Input) cuts(most int) *cuts {
	return &cuts{in: in, most: most, ends: make([]int, 0, 2*in.Len()/min(most, MainBatch)+1)}
}

// batch returns the records [from, to) of the batch with a number, counted from 0; not ok
// if the input has ended before.
func (c *cuts) batch(seq int) (from, to int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.ends) <= seq {
		from = c.reached()
		if from == c.in.Len() {
			return 0, 0, false
		}
		c.ends = append(c.ends, c.end(from))
	}
	if seq > 0 {
		from = c.ends[seq-1]
	}
	return from, c.ends[seq], true
}

// reached is where the last batch ends. Called with mu held.
func (c *cuts) reached() int {
	if n := len(c.ends); n > 0 {
		return c.ends[n-1]
	}
	return 0
}

func (c *cuts) end(from int) int {
	limit, to, bytes := c.pace.Limit(c.most), from, int64(0)
	for to < c.in.Len() && !limit.IsReached(to-from, bytes) {
		bytes += ingest.Footprint(len(c.in.Values[to]))
		to++
	}
	return to
}

// made says that a batch made rows, whose keys and values have so many bytes.
func (c *cuts) made(b *row.Batch, rows, bytes int) { c.pace.Made(b.Len(), rows, int64(bytes)) }

// len is the number of batches so far.
func (c *cuts) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ends)
}
