package recycle

import (
	"slices"
	"sync"
)

// Pool keeps released outcomes for reuse. After a burst it frees those that are no longer
// needed. It is safe for concurrent use, because outcomes are mostly released on other
// goroutines than they are made on. The zero value is empty.
type Pool[T any] struct {
	mu   sync.Mutex
	free []*T
	// unused is the smallest number of free elements during the last gives calls of Give:
	// so many were not needed.
	unused, gives int
}

const (
	// spare is the largest number of free elements: enough for a transaction or two, or for
	// the slices of some large batches.
	spare = 1024
	// watched is the number of calls of Give after which unneeded elements are freed. It
	// covers the time between two bursts: memory that is freed between them would have to
	// be mapped again page by page, while V1 waits.
	watched = 2048
)

// Take returns a free element, or a new one.
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

// Give adds a free element.
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

// Sized returns a slice of n elements with undefined contents. It uses s's memory if that
// is large enough.
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
