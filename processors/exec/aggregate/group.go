package aggregate

import "slices"

// Group is the state of one group as it lies in the store: words and texts. A layout says
// which of them belong to which aggregate; the words before those are the owner's.
type Group struct {
	Words []uint64
	Texts []string
}

// Clone copies the parts of a group that may still be written to.
func (s *Group) Clone() Group {
	return Group{Words: slices.Clone(s.Words), Texts: slices.Clone(s.Texts)}
}
