package partitions

import (
	"context"
	"sync/atomic"
)

const (
	// inFlight is how many batches, and how many slices of batches, may be on their way:
	// enough to keep partitions from waiting for one another, few enough to stay in cache.
	inFlight = 12
	// recordsInFlight bounds the records that the batches hold together, for memory's
	// sake: eight batches of 10,000, and their rows, are 50 MB. It does not hold for
	// fewestInFlight batches, so that there is a next one when the last slice of one is
	// on its way.
	recordsInFlight = 12_000
	fewestInFlight  = 2
)

// flight counts what is on its way. One goroutine adds, another one takes away.
type flight struct {
	batches, records atomic.Int64
	lighter          chan struct{} // has room for one: something was taken away
}

func newFlight() flight { return flight{lighter: make(chan struct{}, 1)} }

// takes reports whether a batch of n records may join.
func (f *flight) takes(n int) bool {
	batches := f.batches.Load()
	return batches < fewestInFlight || batches < inFlight && f.records.Load()+int64(n) <= recordsInFlight
}

func (f *flight) add(n int) {
	f.records.Add(int64(n))
	f.batches.Add(1)
}

func (f *flight) remove(n int) {
	f.records.Add(-int64(n))
	f.batches.Add(-1)
	select {
	case f.lighter <- struct{}{}:
	default:
	}
}

// room waits until a batch of n records may be on its way, until ctx ends, quit is closed,
// or failed is, after which failure says why.
func (f *flight) room(ctx context.Context, n int, quit, failed <-chan struct{}, failure *error) error {
	for !f.takes(n) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-quit:
			return ErrClosed
		case <-failed:
			return *failure
		case <-f.lighter:
		}
	}
	return nil
}
