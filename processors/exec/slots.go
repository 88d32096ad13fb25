package exec

import "slices"

// groupState is what is kept of one key in one window, as it lies in the store:
// the largest event time so far, flags, and what its aggregates fold.
type groupState struct {
	words []uint64
	texts []string
}

// clone copies what a group may still write to.
func (s *groupState) clone() groupState {
	return groupState{words: slices.Clone(s.words), texts: slices.Clone(s.texts)}
}
