package exec

import (
	"iter"
	"runtime"

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

// snapshot copies all groups.
func (a *aggregation) snapshot() []state.Entry {
	entries := make([]state.Entry, 0, a.store.Len())
	for e := range a.entries(a.store, &a.Layout) {
		saved := e.State.(*groupEntry)
		saved.group = saved.group.Clone()
		entries = append(entries, e)
	}
	return entries
}

// freeze fixes the present groups; V1 waits for it. Afterwards any goroutine may list them while
// records are processed.
func (a *aggregation) freeze() iter.Seq[state.Entry] {
	return a.entries(a.store.Freeze(), a.FreezeTallies())
}

// entriesAtOnce is how many entries are allocated at once.
const entriesAtOnce = 256

// entries lists a store's groups, whose words and texts are the store's own, and whose
// tallies a layout has. It sorts nothing. The split key of an aggregation is its group key.
func (a *aggregation) entries(store *state.Store, l *aggregate.Layout) iter.Seq[state.Entry] {
	return func(yield func(state.Entry) bool) {
		defer runtime.KeepAlive(l)
		var room []groupEntry
		for _, w := range store.All() {
			for _, g := range w.Groups() {
				if len(room) == 0 {
					room = make([]groupEntry, entriesAtOnce)
				}
				saved := &room[0]
				room = room[1:]
				key := store.KeyOf(g)
				saved.start, saved.end, saved.key = w.Start, w.End, store.Tuple(key)
				saved.group = aggregate.Group{Words: store.Words(g), Texts: store.Texts(g)}
				saved.tallies = l.Tallies(&saved.group, nil)
				e := state.Entry{Partition: home(&saved.group), State: saved}
				if len(a.groupBy.parts) > 0 {
					e.Hash = store.Hash(key)
				}
				if !yield(e) {
					return
				}
			}
		}
	}
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
		setHome(&s, e.Partition)
		a.Keep(&s, saved.tallies)
	}
}
