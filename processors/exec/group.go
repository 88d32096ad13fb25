package exec

import "parallax/processors/state"

// groupState is what is kept of one key in one window, as it lies in the store:
// the largest event time so far, flags, and what its aggregates fold.
type groupState struct {
	words []uint64
	texts []string
}

// The words of a group that are not its aggregates'. The flags are whether its
// row is out and has not been retracted, and, above that, the number of the
// source topic-partition of its first record, -1 if that had no key.
const (
	timestampWord = iota
	flagsWord
	ownWords
)

func (a *aggregation) state(g state.Group) groupState {
	return groupState{words: a.store.Words(g), texts: a.store.Texts(g)}
}

func (s *groupState) shown() bool { return s.words[flagsWord]&1 != 0 }

func (s *groupState) show(yes bool) {
	s.words[flagsWord] &^= 1
	if yes {
		s.words[flagsWord] |= 1
	}
}
