package state

import "slices"

// Freeze returns a store with the present contents of s: windows, their groups, words, texts, keys
// and hashes. Another goroutine may read it while s is modified. It copies the lists of pages and of each window's groups; a page of
// groups is copied when s next writes to it. A key's words and tuple are never written again;
// its first group may be, and a frozen store does not look at it.
func (s *Store) Freeze() *Store {
	f := &Store{
		keys:   keys{columns: s.keys.columns, n: s.keys.n, heads: s.keys.heads.lasting(), tuples: s.keys.tuples.lasting()},
		groups: s.groups.share(), texts: s.texts.share(), made: s.made, held: s.held,
	}
	for _, w := range s.windows {
		f.windows = append(f.windows, &Window{Start: w.Start, End: w.End, number: w.number, groups: slices.Clone(w.groups)})
	}
	return f
}

// lasting returns the pages that there are now. They are not copied: their owner continues to
// write to them, but not to what a frozen store reads.
func (p *pages[T]) lasting() pages[T] { return pages[T]{width: p.width, list: slices.Clone(p.list)} }
