package exec

import (
	"cmp"
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
	var entries []state.Entry
	for _, k := range s.byKey.InOrder() {
		for _, o := range k.Data.list {
			e := state.Entry{
				Partition: int32(o.Words[flagsWord] >> 1),
				State:     sessionEntry{key: k.Values, first: o.first, last: o.last, group: o.Group.Clone(), doubles: cloneAddends(o.doubles), tallies: s.intake.Tallies(&o.Group)},
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
