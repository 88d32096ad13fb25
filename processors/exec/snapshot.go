package exec

import (
	"slices"

	"parallax/processors/row"
	"parallax/processors/state"
)

// groupEntry is a group outside an engine, with the window that it is in.
type groupEntry struct {
	start, end int64
	group      group
}

// clone copies what a group may still write to; keys and values never change.
func (g *group) clone() group {
	c := *g
	c.accumulators = slices.Clone(g.accumulators)
	return c
}

// snapshot lists all groups, windows and keys in order. The split key of an
// aggregation is its group key, so the hash is that of the group's encoding.
func (a *aggregation) snapshot() []state.Entry {
	var entries []state.Entry
	for _, w := range a.store.All() {
		for _, g := range w.Groups(compareGroups) {
			entry := state.Entry{State: groupEntry{start: w.Start, end: w.End, group: g.clone()}}
			if len(a.groupBy) > 0 {
				entry.Hash = row.HashKey([]byte(g.encoded))
			}
			entries = append(entries, entry)
		}
	}
	return entries
}

func (a *aggregation) restore(entries []state.Entry) {
	a.store = state.Store[*group]{}
	for _, e := range entries {
		saved := e.State.(groupEntry)
		g := saved.group.clone()
		a.store.Add(a.store.Window(saved.start, saved.end), g.encoded, &g)
	}
}
