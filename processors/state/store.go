package state

import (
	"cmp"
	"slices"

	"parallax/processors/row"
)

// Store holds groups by key and window. A key is kept once, however many windows
// it has groups in; groups of windows that have closed are used again. What lies
// in it has no pointers but to texts, so that a million groups are nothing to the
// garbage collector. It is not safe for concurrent use.
type Store struct {
	keys keys
	// groups[g] are the group's header, two words, and then its owner's.
	groups pages[uint64]
	texts  pages[string]
	made   uint32  // groups have numbers below it
	free   []Group // not in use
	held   int64   // in use
	// lately are about how many groups, and keys with one, there were at once when
	// windows last closed.
	lately, keysLately int
	// windows ascend by end, then start. Few are open at a time.
	windows []*Window
	last    *Window // asked for last
	// numbered are the windows by number, open ones and closed ones.
	numbered []*Window
	closed   []*Window // to be used again, each with its number
	// found is what GroupsOf returns, opening the windows that Windows opens some of,
	// marked by key the groups that InOrder puts in order, plus 1: scratch.
	found   []InWindow
	opening []*Window
	marked  []uint32
}

// Group is the number of one key in one window. It is used again when that has
// closed.
type Group uint32

// The header of a group: the next one of its key plus 1, and the number of its
// window above it; its key, and the group before it plus 1 above that. The groups of
// a key descend by window.
const (
	chain = iota
	ofKey
	header
)

// NewStore returns an empty store of keys of so many columns, whose groups have
// so many words and texts.
func NewStore(columns, words, texts int) *Store {
	return &Store{keys: newKeys(columns), groups: pages[uint64]{width: header + words}, texts: pages[string]{width: texts}}
}

// Words are the group's, its owner's to read and to write. A new group's are
// those of the one that it was before.
func (s *Store) Words(g Group) []uint64 { return s.groups.own(uint32(g))[header:] }

// Texts are the group's, like its words; nil where it has none.
func (s *Store) Texts(g Group) []string {
	if s.texts.width == 0 {
		return nil
	}
	return s.texts.own(uint32(g))
}

// KeyOf returns the group's key.
func (s *Store) KeyOf(g Group) Key { return Key(s.groups.row(uint32(g))[ofKey]) }

// Tuple returns a key's values, to be read only; they outlive it.
func (s *Store) Tuple(k Key) []row.Value { return s.keys.tuples.row(uint32(k)) }

// Hash returns row.Hash of a key.
func (s *Store) Hash(k Key) uint64 { return s.keys.hash(uint32(k)) }

// Written returns the cached written form of a key; nil if the key has none.
func (s *Store) Written(k Key) *row.Written { return s.keys.writtenOf(uint32(k)) }

// Window is the groups of one window. Without windows there is one that never
// ends.
type Window struct {
	Start, End int64
	number     uint64
	groups     []Group
	sorted     bool
}

// Len returns the number of groups in the window.
func (w *Window) Len() int { return len(w.groups) }

func compareWindows(w *Window, at [2]int64) int {
	return cmp.Or(cmp.Compare(w.End, at[0]), cmp.Compare(w.Start, at[1]))
}

// isAfter reports whether a window comes after another one in the order of windows.
func (w *Window) isAfter(other *Window) bool {
	return w.End > other.End || w.End == other.End && w.Start > other.Start
}

// Window returns the window [start, end), opened if it was not.
func (s *Store) Window(start, end int64) *Window {
	if w := s.last; w != nil && w.Start == start && w.End == end {
		return w
	}
	i, found := s.search(start, end)
	if !found {
		s.windows = slices.Insert(s.windows, i, s.open(start, end))
	}
	s.last = s.windows[i]
	return s.last
}

func (s *Store) search(start, end int64) (i int, found bool) {
	return slices.BinarySearchFunc(s.windows, [2]int64{end, start}, compareWindows)
}

// open returns a window for the list of windows.
func (s *Store) open(start, end int64) *Window {
	if n := len(s.closed); n > 0 {
		w := s.closed[n-1]
		s.closed = s.closed[:n-1]
		*w = Window{Start: start, End: end, number: w.number, groups: w.groups[:0]}
		return w
	}
	w := &Window{Start: start, End: end, number: uint64(len(s.numbered))}
	s.numbered = append(s.numbered, w)
	return w
}

// Key is the number of a key, until windows close.
type Key uint32

// Find returns the key that has the words of row.Words and the hash of row.Hash.
// tuple is the key itself where a text of it is longer than words hold; else it
// may be nil.
func (s *Store) Find(hash uint64, words []uint64, tuple []row.Value) (k Key, known bool) {
	key, known := s.keys.find(hash, words, tuple)
	return Key(key), known
}

// Add adds a key that is not there, of which it keeps a copy.
func (s *Store) Add(hash uint64, words []uint64, tuple []row.Value) Key {
	return Key(s.keys.add(hash, words, tuple))
}

// Group returns the group of a key in a window, and whether it has just been
// made.
func (s *Store) Group(w *Window, k Key) (g Group, made bool) {
	before, at := uint32(0), uint32(*s.keys.first(uint32(k)))
	for at != 0 {
		next := s.groups.row(at - 1)[chain]
		if next>>32 == w.number {
			return Group(at - 1), false
		}
		if !s.numbered[next>>32].isAfter(w) {
			break
		}
		before, at = at, uint32(next)
	}
	return s.make(w, uint32(k), before, at), true
}

// make makes the group of a key in a window. It comes between two groups of the key,
// whose numbers plus 1 are given, 0 for none.
func (s *Store) make(w *Window, key, before, after uint32) (g Group) {
	if before == 0 && after == 0 {
		s.keys.idle--
	}
	if n := len(s.free); n > 0 {
		g, s.free = s.free[n-1], s.free[:n-1]
	} else {
		g = Group(s.made)
		s.groups.add(s.made)
		if s.texts.width > 0 {
			s.texts.add(s.made)
		}
		s.made++
	}
	h := s.groups.own(uint32(g))
	h[chain], h[ofKey] = w.number<<32, uint64(key)
	s.join(key, before, uint32(g)+1)
	s.join(key, uint32(g)+1, after)
	w.groups, w.sorted = append(w.groups, g), false
	s.held++
	return g
}

// join makes two groups of a key neighbours, whose numbers plus 1 are given. 0 before
// a group is the key itself, 0 after one the end.
func (s *Store) join(key, before, after uint32) {
	if before == 0 {
		*s.keys.first(key) = uint64(after)
	} else {
		next := &s.groups.own(before - 1)[chain]
		*next = *next>>32<<32 | uint64(after)
	}
	if after != 0 {
		previous := &s.groups.own(after - 1)[ofKey]
		*previous = uint64(before)<<32 | uint64(uint32(*previous))
	}
}

// InOrder returns a window's groups by key, to be read only, until the window
// gets another group.
func (s *Store) InOrder(w *Window) []Group {
	const few = 8 // a window with fewer than one in so many keys is sorted by itself
	switch {
	case w.sorted:
		return w.groups
	case len(w.groups) == 1:
	case len(w.groups)*few < int(s.keys.n):
		slices.SortFunc(w.groups, func(a, b Group) int { return s.keys.compare(uint32(s.KeyOf(a)), uint32(s.KeyOf(b))) })
	default:
		if missing := int(s.keys.n) - len(s.marked); missing > 0 {
			s.marked = append(s.marked, make([]uint32, missing)...)
		}
		for _, g := range w.groups {
			s.marked[s.KeyOf(g)] = uint32(g) + 1
		}
		w.groups = w.groups[:0]
		for _, key := range s.keys.inOrder() {
			if g := s.marked[key]; g != 0 {
				w.groups = append(w.groups, Group(g-1))
				s.marked[key] = 0
			}
		}
	}
	w.sorted = true
	return w.groups
}

// Len returns the number of groups in all windows.
func (s *Store) Len() int64 { return s.held }

// FirstEnd returns the smallest end of an open window, if one is open.
func (s *Store) FirstEnd() (end int64, ok bool) {
	if len(s.windows) == 0 {
		return 0, false
	}
	return s.windows[0].End, true
}

// CloseUpTo closes the windows that end at or before a time, in order: visit
// sees each, and may keep nothing of its groups.
func (s *Store) CloseUpTo(end int64, visit func(*Window)) {
	held, used := int(s.held), int(s.keys.n)-s.keys.idle
	n := 0
	for n < len(s.windows) && s.windows[n].End <= end {
		w := s.windows[n]
		visit(w)
		for _, g := range w.groups {
			s.unlink(g)
		}
		s.held -= int64(len(w.groups))
		s.free = append(s.free, w.groups...)
		s.closed = append(s.closed, w)
		n++
	}
	if n == 0 {
		return
	}
	s.windows = slices.Delete(s.windows, 0, n)
	s.last = nil
	s.lately, s.keysLately = recent(s.lately, held), recent(s.keysLately, used)
	s.forget()
}

// recent returns the larger of the present number and the previous ones, which decay by an eighth
// each time.
func recent(before, now int) int { return max(now, before-(before+7)/8) }

// unlink takes a group out of its key's.
func (s *Store) unlink(g Group) {
	h := s.groups.row(uint32(g))
	key, before, after := uint32(h[ofKey]), uint32(h[ofKey]>>32), uint32(h[chain])
	s.join(key, before, after)
	if before == 0 && after == 0 {
		s.keys.idle++
	}
}

// forget drops idle keys, and everything that is not in use, once there is more
// than twice what was in use lately: one window's keys and groups are as a rule the
// next one's, also where it begins after the other has ended.
func (s *Store) forget() {
	const some = 1024
	if int(s.keys.n) > 2*s.keysLately+some {
		left, number := s.keys.used()
		s.keys = left
		for _, w := range s.windows {
			for _, g := range w.groups {
				h := s.groups.own(uint32(g))
				h[ofKey] = h[ofKey]>>32<<32 | uint64(number[uint32(h[ofKey])])
			}
		}
	}
	if int(s.made) > 2*s.lately+some {
		s.compact()
	}
}

// compact gives the groups in use, and the open windows, new numbers, without gaps.
func (s *Store) compact() {
	left := NewStore(s.keys.columns, s.groups.width-header, s.texts.width)
	left.keys = s.keys
	for key := range left.keys.n {
		*left.keys.first(key) = 0
	}
	for number, w := range s.windows {
		w.number = uint64(number)
		for i, g := range w.groups {
			own := left.made
			left.groups.add(own)
			h := left.groups.row(own)
			copy(h, s.groups.row(uint32(g)))
			if s.texts.width > 0 {
				left.texts.add(own)
				copy(left.texts.row(own), s.texts.row(uint32(g)))
			}
			key := uint32(h[ofKey])
			next := uint32(*left.keys.first(key)) // of a window before this one
			h[chain], h[ofKey] = w.number<<32, uint64(key)
			left.join(key, 0, own+1)
			left.join(key, own+1, next)
			w.groups[i] = Group(own)
			left.made++
		}
	}
	s.groups, s.texts, s.made, s.free = left.groups, left.texts, left.made, nil
	s.numbered, s.closed = slices.Clone(s.windows), nil
	s.found, s.opening, s.marked = nil, nil, nil
}

// Groups returns a window's groups in no order that means anything, to be read
// only.
func (w *Window) Groups() []Group { return w.groups }

// All returns the open windows in order, to be read only.
func (s *Store) All() []*Window { return s.windows }
