package exec

import (
	"slices"

	"parallax/processors/exec/aggregate"
	"parallax/processors/row"
	"parallax/processors/state"
)

// groupEntry is a group outside an engine, with the window that it is in.
type groupEntry struct {
	start, end int64
	key        []row.Value
	group      aggregate.Group
	tallies    []aggregate.Tally
}

// snapshot lists all groups.
func (a *aggregation) snapshot() []state.Entry { return a.entries(a.store) }

// freeze fixes the groups as they are: V1 waits for it. What lists them does so on
// any goroutine, while records go on. Tallies are not frozen but copied.
func (a *aggregation) freeze() func() []state.Entry {
	for i := range a.Folds {
		if a.Folds[i].Tally != nil {
			return already(a.snapshot())
		}
	}
	frozen := a.store.Freeze()
	return func() []state.Entry { return a.entries(frozen) }
}

// already returns entries that have been listed.
func already(entries []state.Entry) func() []state.Entry {
	return func() []state.Entry { return entries }
}

// entries lists a store's groups. It sorts nothing, and what it copies lies in
// three pieces. The split key of an aggregation is its group key.
func (a *aggregation) entries(store *state.Store) []state.Entry {
	n := int(store.Len())
	entries, saved, words := make([]state.Entry, 0, n), make([]groupEntry, 0, n), make([]uint64, 0, n*a.Words)
	for _, w := range store.All() {
		for _, g := range w.Groups() {
			s, key, from := aggregate.Group{Words: store.Words(g), Texts: store.Texts(g)}, store.KeyOf(g), len(words)
			words = append(words, s.Words...)
			saved = append(saved, groupEntry{
				start: w.Start, end: w.End, key: store.Tuple(key),
				group:   aggregate.Group{Words: words[from:len(words):len(words)], Texts: slices.Clone(s.Texts)},
				tallies: a.Tallies(&s),
			})
			entry := state.Entry{Partition: int32(s.Words[flagsWord] >> 1), State: &saved[len(saved)-1]}
			if len(a.groupBy.parts) > 0 {
				entry.Hash = store.Hash(key)
			}
			entries = append(entries, entry)
		}
	}
	return entries
}

func (a *aggregation) restore(entries []state.Entry) {
	a.store = a.newStore()
	a.ForgetTallies()
	words := make([]uint64, row.KeyWords*len(a.groupBy.parts))
	for _, e := range entries {
		saved := e.State.(*groupEntry)
		row.Words(words, saved.key)
		hash := row.HashWords(words)
		key, known := a.store.Find(hash, words, saved.key)
		if !known {
			key = a.store.Add(hash, words, saved.key)
		}
		g, _ := a.store.Group(a.store.Window(saved.start, saved.end), key)
		s := a.state(g)
		copy(s.Words, saved.group.Words)
		copy(s.Texts, saved.group.Texts)
		a.Keep(&s, saved.tallies)
	}
}
