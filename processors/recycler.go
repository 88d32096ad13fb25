package processors

import "sync"

// recycler keeps the memory of outcomes that were released, for the next ones.
// It is safe for concurrent use: who releases is seldom who processes.
type recycler[T any] struct {
	mu   sync.Mutex
	free []*T
}

// spare is how many are kept at most: those of a transaction or two.
const spare = 64

// take returns a used one, or a new one.
func (r *recycler[T]) take() *T {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.free); n > 0 {
		t := r.free[n-1]
		r.free = r.free[:n-1]
		return t
	}
	return new(T)
}

func (r *recycler[T]) give(t *T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.free) < spare {
		r.free = append(r.free, t)
	}
}

// sized returns a slice of n elements that say nothing, in s's memory where it has
// enough.
func sized[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	return s[:n]
}

// cleared returns a slice of n zero elements, in s's memory where it has enough.
func cleared[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n)
	}
	s = s[:n]
	clear(s)
	return s
}
