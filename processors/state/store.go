package state

import (
	"cmp"
	"slices"
)

// Store holds groups by window and key. The zero value is empty. It is not safe
// for concurrent use.
type Store[G any] struct {
	// windows ascend by end, then start. Few are open at a time.
	windows []*Window[G]
	groups  int64
}

// Window is the groups of one window. Without windows there is one that never
// ends.
type Window[G any] struct {
	Start, End int64
	groups     map[string]G
}

func compareWindows[G any](w *Window[G], at [2]int64) int {
	return cmp.Or(cmp.Compare(w.End, at[0]), cmp.Compare(w.Start, at[1]))
}

// Window returns the window [start, end), opened if it was not.
func (s *Store[G]) Window(start, end int64) *Window[G] {
	i, found := slices.BinarySearchFunc(s.windows, [2]int64{end, start}, compareWindows[G])
	if !found {
		s.windows = slices.Insert(s.windows, i, &Window[G]{Start: start, End: end, groups: map[string]G{}})
	}
	return s.windows[i]
}

// Group returns the window's group of an encoded key, if it is there.
func (w *Window[G]) Group(key []byte) (g G, ok bool) {
	g, ok = w.groups[string(key)]
	return g, ok
}

// Add puts a group into a window, under a key that is not there yet.
func (s *Store[G]) Add(w *Window[G], key string, g G) {
	w.groups[key] = g
	s.groups++
}

// Groups returns the window's groups ordered by compare.
func (w *Window[G]) Groups(compare func(a, b G) int) []G {
	list := make([]G, 0, len(w.groups))
	for _, g := range w.groups {
		list = append(list, g)
	}
	slices.SortFunc(list, compare)
	return list
}

// Len returns the number of groups in the window.
func (w *Window[G]) Len() int { return len(w.groups) }

// Len returns the number of groups in all windows.
func (s *Store[G]) Len() int64 { return s.groups }

// FirstEnd returns the smallest end of an open window, if one is open.
func (s *Store[G]) FirstEnd() (end int64, ok bool) {
	if len(s.windows) == 0 {
		return 0, false
	}
	return s.windows[0].End, true
}

// CloseUpTo takes out the windows that end at or before a time, in order.
func (s *Store[G]) CloseUpTo(end int64) []*Window[G] {
	n := 0
	for n < len(s.windows) && s.windows[n].End <= end {
		s.groups -= int64(len(s.windows[n].groups))
		n++
	}
	closed := slices.Clone(s.windows[:n])
	s.windows = slices.Delete(s.windows, 0, n)
	return closed
}

// All returns the open windows in order, to be read only.
func (s *Store[G]) All() []*Window[G] { return s.windows }
