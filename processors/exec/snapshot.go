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

// snapshot lists all groups. V1 waits for it, so it sorts nothing. The split key
// of an aggregation is its group key.
func (a *aggregation) snapshot() []state.Entry {
	entries := make([]state.Entry, 0, a.store.Len())
	for _, w := range a.store.All() {
		for _, g := range w.Groups() {
			entry := state.Entry{Partition: g.State.partition, State: groupEntry{start: w.Start, end: w.End, key: g.Key(), group: g.State.clone()}}
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
		saved := e.State.(groupEntry)
		g, _ := a.store.Group(a.store.Window(saved.start, saved.end), row.Hash(saved.key), saved.key)
		g.State = saved.group.clone()
	}
}
