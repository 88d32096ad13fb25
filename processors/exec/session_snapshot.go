package exec

import (
	"slices"

	"parallax/processors/row"
	"parallax/processors/state"
)

// sessionEntry is a session outside an engine.
type sessionEntry struct {
	key         []row.Value
	first, last int64
	group       groupState
	doubles     [][]addend
	tallies     []tally
}

func cloneAddends(list [][]addend) [][]addend {
	list = slices.Clone(list)
	for i := range list {
		list[i] = slices.Clone(list[i])
	}
	return list
}

// snapshot lists all sessions, by key and first.
func (s *session) snapshot() []state.Entry {
	var entries []state.Entry
	for _, k := range s.byKey.InOrder() {
		for _, o := range k.Data.list {
			e := state.Entry{
				Partition: int32(o.words[flagsWord] >> 1),
				State:     sessionEntry{key: k.Values, first: o.first, last: o.last, group: o.groupState.clone(), doubles: cloneAddends(o.doubles), tallies: s.intake.tallies(&o.groupState)},
			}
			if len(s.intake.parts) > 0 {
				e.Hash = k.Hash
			}
			entries = append(entries, e)
		}
	}
	return entries
}

func (s *session) restore(entries []state.Entry) {
	s.byKey, s.due, s.open, s.idle = row.KeyTable[keySessions]{}, nil, 0, 0
	s.intake.forgetTallies()
	for _, e := range entries {
		saved := e.State.(sessionEntry)
		hash := row.Hash(saved.key)
		k := s.byKey.Find(hash, saved.key)
		if k == nil {
			k = s.byKey.Add(hash, saved.key)
		}
		o := &openSession{groupState: saved.group.clone(), key: k, first: saved.first, last: saved.last, doubles: cloneAddends(saved.doubles)}
		s.intake.keep(&o.groupState, saved.tallies)
		k.Data.list = append(k.Data.list, o)
		s.due.push(closing{s.closes(o), o})
		s.open++
	}
}
