package partitions

import (
	"context"
	"sync/atomic"
)

const (
	// inFlight is the number of batches, and of slices of batches, that may be in flight:
	// enough to keep partitions from waiting for one another, few enough to stay in cache.
	inFlight = 12
	// recordsInFlight limits the total number of records in flight, to save memory: eight
	// batches of 10,000, with their rows, take 50 MB. It does not apply to fewestInFlight
	// batches, so that the next batch is available while the last slice of one is in
	// flight.
	recordsInFlight = 12_000
	fewestInFlight  = 2
)

// flight counts what is in flight. One goroutine adds to it, another one removes.
type flight struct {
	batches, records atomic.Int64
	lighter          chan struct{} // holds one signal: something was removed
}

func newFlight() flight { return flight{lighter: make(chan struct{}, 1)} }

// hasRoom reports whether a batch of n records fits.
func (f *flight) hasRoom(n int) bool {
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

// waitForRoom waits until a batch of n records fits, ctx ends, quit is closed, or failed is
// closed, in which case the error is failure.
func (f *flight) waitForRoom(ctx context.Context, n int, quit, failed <-chan struct{}, failure *error) error {
	for !f.hasRoom(n) {
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
