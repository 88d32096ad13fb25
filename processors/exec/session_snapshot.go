package exec

import (
	"cmp"
	"iter"
	"slices"

	"parallax/processors/exec/aggregate"
	"parallax/processors/row"
	"parallax/processors/state"
)

// sessionEntry is a session outside an engine.
type sessionEntry struct {
	key         []row.Value
	first, last int64
	group       aggregate.Group
	doubles     [][]aggregate.Addend
	tallies     []aggregate.Tally
}

func cloneAddends(list [][]aggregate.Addend) [][]aggregate.Addend {
	list = slices.Clone(list)
	for i := range list {
		list[i] = slices.Clone(list[i])
	}
	return list
}

// snapshot lists all sessions, by key and first.
func (s *session) snapshot() []state.Entry {
	return s.byKey.inOrder(s.entriesWith(&s.intake.Layout))
}

func (s *session) freeze() iter.Seq[state.Entry] {
	return s.byKey.freeze(s.entriesWith(s.intake.Layout.ForReaders()))
}

// entriesWith returns what copies a key's sessions, whose tallies a layout has.
func (s *session) entriesWith(l *aggregate.Layout) func([]state.Entry, *row.Key[keySessions]) []state.Entry {
	return func(entries []state.Entry, k *row.Key[keySessions]) []state.Entry {
		for _, o := range k.Data.list {
			e := state.Entry{
				Partition: home(&o.Group),
				State:     sessionEntry{key: k.Values, first: o.first, last: o.last, group: o.Group.Clone(), doubles: cloneAddends(o.doubles), tallies: l.Tallies(&o.Group, nil)},
			}
			if len(s.intake.parts) > 0 {
				e.Hash = k.Hash
			}
			entries = append(entries, e)
		}
		return entries
	}
}

func (s *session) restore(entries []state.Entry) {
	s.byKey, s.due, s.open, s.idle = keyTable[keySessions, *keySessions]{}, nil, 0, 0
	s.intake.ForgetTallies()
	for _, e := range entries {
		saved := e.State.(sessionEntry)
		hash := row.Hash(saved.key)
		k := s.byKey.Find(hash, saved.key)
		if k == nil {
			k = s.byKey.Add(hash, saved.key)
		}
		o := &openSession{Group: saved.group.Clone(), key: k, first: saved.first, last: saved.last, doubles: cloneAddends(saved.doubles)}
		setHome(&o.Group, e.Partition)
		s.intake.Keep(&o.Group, saved.tallies)
		at, _ := slices.BinarySearchFunc(k.Data.list, o.first, func(o *openSession, first int64) int { return cmp.Compare(o.first, first) })
		k.Data.list = slices.Insert(k.Data.list, at, o)
		s.due.push(closing{s.closes(o), o})
		s.open++
	}
}
