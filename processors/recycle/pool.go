package recycle

import (
	"slices"
	"sync"
)

// Pool keeps the memory of outcomes that were released, for the next ones. What
// a burst needed and nobody takes any more is let go. It is safe for concurrent
// use: who releases is seldom who processes. The zero value is empty.
type Pool[T any] struct {
	mu   sync.Mutex
	free []*T
	// unused is the fewest that were free since gives began to be counted: as many
	// were not needed meanwhile.
	unused, gives int
}

const (
	// spare is how many are kept at most: those of a transaction or two, or of the slices
	// of some large batches.
	spare = 1024
	// watched is over how many gives it is found out what is not needed. It takes in
	// the bursts of a job that has them: memory that is let go between two of them
	// comes back from the system page by page, while V1 waits.
	watched = 2048
)

// Take returns a used one, or a new one.
func (r *Pool[T]) Take() *T {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.free)
	if n == 0 {
		r.unused = 0
		return new(T)
	}
	t := r.free[n-1]
	r.free[n-1] = nil
	r.free = r.free[:n-1]
	r.unused = min(r.unused, n-1)
	return t
}

// Give gives one back.
func (r *Pool[T]) Give(t *T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.free) < spare {
		r.free = append(r.free, t)
	}
	if r.gives++; r.gives == watched {
		r.free = slices.Delete(r.free, 0, r.unused) // those that lay longest
		r.gives, r.unused = 0, len(r.free)
	}
}

// Sized returns a slice of n elements that say nothing, in s's memory where it has
// enough.
func Sized[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

// Cleared returns a slice of n zero elements, in s's memory where it has enough.
func Cleared[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	s = s[:n]
	clear(s)
	return s
}
