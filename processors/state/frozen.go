package state

import "slices"

// Freeze returns a store that holds for good what s holds now, to be read by
// another goroutine while s goes on: windows, their groups, words, texts, keys and
// hashes. It copies the lists of pages and of each window's groups; a page of
// groups is copied when s next writes to it. What a key is, is never written again,
// and which group is its first, which is, a frozen store does not know.
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

// lasting returns the pages of now, of which others go on to write what is not
// looked at.
func (p *pages[T]) lasting() pages[T] { return pages[T]{width: p.width, list: slices.Clone(p.list)} }
