package exec

import (
	"parallax/processors/exec/aggregate"
	"parallax/processors/row"
	"parallax/processors/state"
)

// The words of a group that are not its aggregates'. The flags are whether its
// row is out and has not been retracted, and, above that, the number of the
// source topic-partition of its first record, -1 if that had no key.
const (
	timestampWord = iota
	flagsWord
	ownWords
)

func (a *aggregation) state(g state.Group) aggregate.Group {
	return aggregate.Group{Words: a.store.Words(g), Texts: a.store.Texts(g)}
}

// begin makes a group that may have been another before empty, with its first
// record.
func begin(s *aggregate.Group, r *row.Record) {
	clear(s.Words)
	clear(s.Texts)
	s.Words[timestampWord] = uint64(r.EventTime)
	setHome(s, homeOf(r))
}

// homeOf is the number of the source topic-partition that a record's state belongs
// to, where V2 routes by it: -1 for a record without a key, which lies in any.
func homeOf(r *row.Record) int32 {
	if r.Key == nil {
		return -1
	}
	return r.Partition
}

// home returns the number of the source topic-partition that a group belongs to.
func home(s *aggregate.Group) int32 { return int32(s.Words[flagsWord] >> 1) }

// setHome says to which source topic-partition a group belongs.
func setHome(s *aggregate.Group, partition int32) {
	s.Words[flagsWord] = s.Words[flagsWord]&1 | uint64(uint32(partition))<<1
}

// isShown reports whether a group's row is out and has not been retracted.
func isShown(s *aggregate.Group) bool { return s.Words[flagsWord]&1 != 0 }

// setShown says whether a group's row is out.
func setShown(s *aggregate.Group, yes bool) {
	s.Words[flagsWord] &^= 1
	if yes {
		s.Words[flagsWord] |= 1
	}
}

// reach raises the largest event time.
func reach(s *aggregate.Group, at int64) {
	if at > int64(s.Words[timestampWord]) {
		s.Words[timestampWord] = uint64(at)
	}
}
