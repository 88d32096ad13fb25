package state

import (
	"slices"

	"parallax/processors/row"
)

// InWindow is a key's group in one of several windows.
type InWindow struct {
	Window *Window
	Group  Group
	Made   bool // it has just been made
}

// Windows returns the windows of a size whose starts are an advance apart from first
// to last, opened where they were not. The store has no windows but of this size and
// at such starts. The list is the store's own, to be read only, until windows open or
// close.
func (s *Store) Windows(first, last, advance, size int64) []*Window {
	n := int((last-first)/advance) + 1
	i, _ := s.search(first, row.AddTime(first, size))
	if end := i + n; end <= len(s.windows) && s.windows[end-1].Start == last {
		return s.windows[i:end]
	}
	j, found := s.search(last, row.AddTime(last, size))
	if found {
		j++
	}
	known := s.windows[i:j]
	s.opening = s.opening[:0]
	for start := first; len(s.opening) < n; start += advance {
		if len(known) > 0 && known[0].Start == start {
			s.opening, known = append(s.opening, known[0]), known[1:]
		} else {
			s.opening = append(s.opening, s.open(start, row.AddTime(start, size)))
		}
	}
	s.windows = slices.Replace(s.windows, i, j, s.opening...)
	return s.windows[i : i+n]
}

// GroupsOf returns a key's groups in windows, which ascend, in their order. It makes
// those that there were not. The list is valid until the next call.
func (s *Store) GroupsOf(k Key, windows []*Window) []InWindow {
	key := uint32(k)
	s.found = slices.Grow(s.found[:0], len(windows))[:len(windows)]
	before, at := uint32(0), uint32(*s.keys.first(key))
	for i := len(windows) - 1; i >= 0; i-- {
		w, next := windows[i], uint64(0)
		for at != 0 {
			next = s.groups.row(at - 1)[chain]
			if next>>32 == w.number || !s.numbered[next>>32].isAfter(w) {
				break
			}
			before, at = at, uint32(next)
		}
		if at != 0 && next>>32 == w.number {
			s.found[i] = InWindow{Window: w, Group: Group(at - 1)}
			before, at = at, uint32(next)
			continue
		}
		g := s.make(w, key, before, at)
		s.found[i] = InWindow{Window: w, Group: g, Made: true}
		before = uint32(g) + 1
	}
	return s.found
}
