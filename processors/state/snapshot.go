// Package state keeps what an engine remembers between records: groups by key,
// their windows, and when each may be forgotten; and it says what a processor's whole
// state is outside it: snapshots, their codecs and digests. It knows nothing of
// expressions or of partitions.
//
// Stability: ours.
package state

import (
	"iter"
	"slices"
)

// Snapshot is the whole state of a processor at a batch boundary, in memory.
// It is portable: what V1 took can be restored into V2 at any partition count,
// and back. It shares nothing with the processor that made it.
type Snapshot struct {
	// Position is the position of the next record.
	Position int64
	// Watermark is the last that the processor walked.
	Watermark int64
	// Queries has an element for each stage of the plan, Relays one for each that
	// follows others.
	Queries [][]Entry
	Relays  []Relay
}

// Frozen is a processor's state at a batch boundary, to be read entry by entry on any
// goroutine while the processor continues. Position, Watermark and Relays are as in Snapshot.
type Frozen struct {
	Position, Watermark int64
	Relays              []Relay
	// Stages has the entries of each stage of the plan. Each may be ranged over again once
	// it was ranged over.
	Stages []iter.Seq[Entry]
}

// Snapshot collects all entries.
func (f *Frozen) Snapshot() *Snapshot {
	s := &Snapshot{Position: f.Position, Watermark: f.Watermark, Relays: f.Relays}
	for _, entries := range f.Stages {
		s.Queries = append(s.Queries, slices.Collect(entries))
	}
	return s
}

// Freeze returns the snapshot as a Frozen.
func (s *Snapshot) Freeze() *Frozen {
	f := &Frozen{Position: s.Position, Watermark: s.Watermark, Relays: s.Relays}
	for _, entries := range s.Queries {
		f.Stages = append(f.Stages, slices.Values(entries))
	}
	return f
}

// Entry is the state of one key.
type Entry struct {
	// Hash is row.Hash of the query's split key, 0 where it has none, and
	// Partition the number of the source topic-partition of the entry's first
	// record, -1 if that had no key: by one of them a restoring V2 knows where the
	// entry belongs.
	Hash      uint64
	Partition int32
	// State is the operator's own; only that operator and its codec look inside, and it
	// copies before it writes.
	State any
}
