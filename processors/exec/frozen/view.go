package frozen

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Views are the views of a table that are open. K identifies an entry, and E is the copy of
// one. The methods are called by the goroutine that owns the table. The zero value has no view.
type Views[K comparable, E any] struct {
	epoch uint32 // of the newest view
	open  []*contents[K, E]
}

// View has the entries of a table at the time when the view was opened. It stays open while it is
// referenced: once the garbage collector has collected it, the owner stops copying for it.
type View[K comparable, E any] struct{ of *contents[K, E] }

// contents belongs to a view. The owner of the table refers to it, and not to the View.
type contents[K comparable, E any] struct {
	epoch    uint32
	copy     func(K) E
	isClosed atomic.Bool
	mu       sync.Mutex
	saved    map[K]E // entries that the owner has copied
}

// Open opens a view. copy copies an entry; it is called by the owner and by readers, by one
// goroutine at a time for one entry, and must not refer to the view.
func (s *Views[K, E]) Open(copy func(K) E) *View[K, E] {
	s.dropClosed()
	s.epoch += 2
	c := &contents[K, E]{epoch: s.epoch, copy: copy, saved: map[K]E{}}
	s.open = append(s.open, c)
	v := &View[K, E]{of: c}
	runtime.AddCleanup(v, (*contents[K, E]).close, c)
	return v
}

func (c *contents[K, E]) close() {
	c.isClosed.Store(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saved = nil
}

// IsOpen reports whether a view may be open, so that Save must be called before an entry is
// modified.
func (s *Views[K, E]) IsOpen() bool { return len(s.open) > 0 }

// Save copies an entry for the open views that do not have it yet. The owner calls it before
// it modifies or deletes the entry.
func (s *Views[K, E]) Save(m *Mark, k K) {
	if s.dropClosed(); len(s.open) == 0 {
		return
	}
	before, ok := m.claim(s.epoch)
	if !ok {
		return
	}
	for _, c := range s.open {
		if c.epoch > before {
			c.save(k)
		}
	}
	m.release(s.epoch)
}

func (c *contents[K, E]) save(k K) {
	e := c.copy(k)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.saved != nil {
		c.saved[k] = e
	}
}

// Added says that an entry is new, so that no open view has it.
func (s *Views[K, E]) Added(m *Mark) {
	if s.IsOpen() {
		m.release(s.epoch)
	}
}

func (s *Views[K, E]) dropClosed() {
	for _, c := range s.open {
		if c.isClosed.Load() {
			s.open = slices.DeleteFunc(s.open, func(c *contents[K, E]) bool { return c.isClosed.Load() })
			return
		}
	}
}

// Read returns a copy of an entry that was in the table when the view was opened. It may be
// called on any goroutine, again and again; the copy may be one that was returned before.
func (v *View[K, E]) Read(m *Mark, k K) E {
	defer runtime.KeepAlive(v)
	c := v.of
	if before, ok := m.claim(c.epoch); ok {
		e := c.copy(k)
		m.release(before)
		return e
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.saved[k]
}
