package aggregate

import "slices"

// Group is what is kept of one group, as it lies in the store: words and texts. A layout says
// which of them are whose aggregate's; the words before those are the owner's.
type Group struct {
	Words []uint64
	Texts []string
}

// Clone copies what a group may still write to.
func (s *Group) Clone() Group {
	return Group{Words: slices.Clone(s.Words), Texts: slices.Clone(s.Texts)}
}
