package exec

import (
	"slices"

	"parallax/processors/row"
	"parallax/processors/state"
)

// groupEntry is a group outside an engine, with the window that it is in.
type groupEntry struct {
	start, end int64
	key        []row.Value
	group      groupState
}

// clone copies what a group may still write to.
func (s groupState) clone() groupState {
	s.words = slices.Clone(s.words)
	if s.texts != nil {
		texts := slices.Clone(*s.texts)
		s.texts = &texts
	}
	return s
}

// snapshot lists all groups. V1 waits for it, so it sorts nothing, and what it
// copies lies in three pieces. The split key of an aggregation is its group key.
func (a *aggregation) snapshot() []state.Entry {
	n := int(a.store.Len())
	entries, saved, words := make([]state.Entry, 0, n), make([]groupEntry, 0, n), make([]uint64, 0, n*a.words)
	for _, w := range a.store.All() {
		for _, g := range w.Groups() {
			from := len(words)
			words = append(words, g.State.words...)
			group := g.State
			group.words = words[from:len(words):len(words)]
			if group.texts != nil {
				texts := slices.Clone(*group.texts)
				group.texts = &texts
			}
			saved = append(saved, groupEntry{start: w.Start, end: w.End, key: g.Key(), group: group})
			entry := state.Entry{Partition: group.partition, State: &saved[len(saved)-1]}
			if len(a.groupBy) > 0 {
				entry.Hash = g.Hash()
			}
			entries = append(entries, entry)
		}
	}
	return entries
}

func (a *aggregation) restore(entries []state.Entry) {
	a.store = state.Store[groupState]{}
	for _, e := range entries {
		saved := e.State.(*groupEntry)
		g, _ := a.store.Group(a.store.Window(saved.start, saved.end), row.Hash(saved.key), saved.key)
		g.State = saved.group.clone()
	}
}
