package state

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// Store holds groups by key and window. A key is kept once, however many
// windows it has groups in; groups of windows that have closed are used again.
// The zero value is empty. It is not safe for concurrent use.
type Store[G any] struct {
	keys row.KeyTable[member[G]]
	// ranked are keys in order, fresh are those that are not among them yet. There
	// are none before the order is asked for: then ranking is set.
	ranked, fresh []*row.Key[member[G]]
	ranking       bool
	// windows ascend by end, then start. Few are open at a time.
	windows []*Window[G]
	last    *Window[G] // asked for last
	groups  int64
	idle    int // keys that have no group
	written int // keys of which is kept what was written of them
	free    []*Group[G]
}

// member is what belongs to a key: its groups, chained, and what was written of
// it, nil for nothing.
type member[G any] struct {
	first   *Group[G]
	written *row.Written
}

// Group is one key in one window. State is the owner's: a group that is used
// again comes with the State that it had, for its memory.
type Group[G any] struct {
	State  G
	window *Window[G]
	key    *row.Key[member[G]]
	next   *Group[G] // of the same key
}

// Key returns the key tuple, to be read only; it outlives the group.
func (g *Group[G]) Key() []row.Value { return g.key.Values }

// Hash returns row.Hash of the key.
func (g *Group[G]) Hash() uint64 { return g.key.Hash }

// mostWritten is of how many keys is kept what was written of them. It saves the
// work where keys come again and again; where there are more keys than this, they
// come seldom, and it would take more than their state does.
const mostWritten = 1 << 14

// Written is where what is written of a group's key is kept; nil where there are
// too many keys for that.
func (s *Store[G]) Written(g *Group[G]) *row.Written {
	m := &g.key.Data
	if m.written == nil && s.written < mostWritten {
		m.written = new(row.Written)
		s.written++
	}
	return m.written
}

// Window is the groups of one window. Without windows there is one that never
// ends.
type Window[G any] struct {
	Start, End int64
	groups     []*Group[G]
	sorted     bool
}

// Len returns the number of groups in the window.
func (w *Window[G]) Len() int { return len(w.groups) }

func compareWindows[G any](w *Window[G], at [2]int64) int {
	return cmp.Or(cmp.Compare(w.End, at[0]), cmp.Compare(w.Start, at[1]))
}

// Window returns the window [start, end), opened if it was not.
func (s *Store[G]) Window(start, end int64) *Window[G] {
	if w := s.last; w != nil && w.Start == start && w.End == end {
		return w
	}
	i, found := slices.BinarySearchFunc(s.windows, [2]int64{end, start}, compareWindows[G])
	if !found {
		s.windows = slices.Insert(s.windows, i, &Window[G]{Start: start, End: end})
	}
	s.last = s.windows[i]
	return s.last
}

// Group returns the group of a key in a window, and whether it has just been
// made. hash is row.Hash of the key, which is copied where it is new.
func (s *Store[G]) Group(w *Window[G], hash uint64, key []row.Value) (g *Group[G], made bool) {
	k := s.keys.Find(hash, key)
	if k == nil {
		k = s.keys.Add(hash, key)
		if s.ranking {
			s.fresh = append(s.fresh, k)
		}
		s.idle++
	}
	for g := k.Data.first; g != nil; g = g.next {
		if g.window == w {
			return g, false
		}
	}
	if k.Data.first == nil {
		s.idle--
	}
	if n := len(s.free); n > 0 {
		g, s.free = s.free[n-1], s.free[:n-1]
	} else {
		g = new(Group[G])
	}
	g.window, g.key, g.next = w, k, k.Data.first
	k.Data.first = g
	w.groups, w.sorted = append(w.groups, g), false
	s.groups++
	return g, true
}

// InOrder returns a window's groups by key, to be read only, until the window
// gets another group.
func (s *Store[G]) InOrder(w *Window[G]) []*Group[G] {
	const few = 8 // a window with fewer than one in so many keys is sorted by itself
	switch {
	case w.sorted:
		return w.groups
	case len(w.groups)*few < s.keys.Len():
		slices.SortFunc(w.groups, func(a, b *Group[G]) int { return row.CompareKeys(a.key.Values, b.key.Values) })
	default:
		s.rank()
		w.groups = w.groups[:0]
		for _, k := range s.ranked {
			for g := k.Data.first; g != nil; g = g.next {
				if g.window == w {
					w.groups = append(w.groups, g)
				}
			}
		}
	}
	w.sorted = true
	return w.groups
}

// rank puts all keys in order: the fresh ones are sorted and merged in.
func (s *Store[G]) rank() {
	if !s.ranking {
		s.ranking = true
		s.keys.All(func(k *row.Key[member[G]]) { s.fresh = append(s.fresh, k) })
	}
	if len(s.fresh) == 0 {
		return
	}
	order := func(a, b *row.Key[member[G]]) int { return row.CompareKeys(a.Values, b.Values) }
	slices.SortFunc(s.fresh, order)
	merged := make([]*row.Key[member[G]], 0, len(s.ranked)+len(s.fresh))
	old := s.ranked
	for _, k := range s.fresh {
		n, _ := slices.BinarySearchFunc(old, k, order)
		merged = append(append(merged, old[:n]...), k)
		old = old[n:]
	}
	s.ranked, s.fresh = append(merged, old...), nil
}

// Len returns the number of groups in all windows.
func (s *Store[G]) Len() int64 { return s.groups }

// FirstEnd returns the smallest end of an open window, if one is open.
func (s *Store[G]) FirstEnd() (end int64, ok bool) {
	if len(s.windows) == 0 {
		return 0, false
	}
	return s.windows[0].End, true
}

// CloseUpTo closes the windows that end at or before a time, in order: visit
// sees each, and may keep nothing of its groups.
func (s *Store[G]) CloseUpTo(end int64, visit func(*Window[G])) {
	n := 0
	for n < len(s.windows) && s.windows[n].End <= end {
		w := s.windows[n]
		visit(w)
		for _, g := range w.groups {
			s.unlink(g)
		}
		s.groups -= int64(len(w.groups))
		s.free = append(s.free, w.groups...)
		n++
	}
	if n == 0 {
		return
	}
	s.windows = slices.Delete(s.windows, 0, n)
	s.last = nil
	s.forget()
}

// unlink takes a group out of its key's chain.
func (s *Store[G]) unlink(g *Group[G]) {
	at := &g.key.Data.first
	for *at != g {
		at = &(*at).next
	}
	*at = g.next
	if g.key.Data.first == nil {
		s.idle++
	}
	g.next, g.key, g.window = nil, nil, nil
}

// forget drops idle keys and spare groups once they outnumber those in use:
// keys that come again in the next window are worth keeping, for a while.
func (s *Store[G]) forget() {
	const some = 1024
	used := s.keys.Len() - s.idle
	if s.idle > used+some {
		keep := func(k *row.Key[member[G]]) bool { return k.Data.first != nil }
		s.keys.All(func(k *row.Key[member[G]]) {
			if !keep(k) && k.Data.written != nil {
				s.written--
			}
		})
		s.keys.Retain(keep)
		idle := func(k *row.Key[member[G]]) bool { return !keep(k) }
		s.ranked, s.fresh = slices.DeleteFunc(s.ranked, idle), slices.DeleteFunc(s.fresh, idle)
		s.idle = 0
	}
	if most := 2*int(s.groups) + some; len(s.free) > most {
		clear(s.free[most:])
		s.free = s.free[:most]
	}
}

// Groups returns a window's groups in no order that means anything, to be read
// only.
func (w *Window[G]) Groups() []*Group[G] { return w.groups }

// All returns the open windows in order, to be read only.
func (s *Store[G]) All() []*Window[G] { return s.windows }
