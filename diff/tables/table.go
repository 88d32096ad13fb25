package tables

import (
	"sync/atomic"
	"time"

	"parallax/diff"
)

// entry is the state of an identity: its last row on each side as a digest and a place.
type entry struct {
	id       digest
	value    [2]uint64
	offset   [2]int64
	end      int64 // of its window
	part     [2]int32
	spelling [2]uint32
	count    [2]uint32 // rows seen
	deleted  [2]bool
}

// entryBytes is the memory of an entry: itself, its place in the index with the index's
// spare room, and its share of a chunk that is not full.
const entryBytes = 152

// keyBytes is the memory of key bytes that are remembered for deletions.
const keyBytes = 48

// chunk is how many entries are allocated at once, so that a growing table is not copied.
const chunk = 1 << 14

// table has the identities of both sides. If there are more than fit, it keeps those whose
// hash ends in enough zeros: the same ones of both sides.
type table struct {
	index  map[digest]uint32
	chunks [][]entry
	n      int
	most   int
	sample sampling
	// windowSize is the length of windows whose end is not in the data, in ms; 0: unknown.
	windowSize int64
	// sampledOut counts rows of identities that are not kept.
	sampledOut [2]int64
	// latest is the start of the latest window of each side.
	latest [2]int64
}

func newTable(memory, bytes int64, windowSize time.Duration) *table {
	return &table{
		index: map[digest]uint32{}, most: int(max(memory/bytes, 1000)),
		sample: sampling{new(atomic.Uint32)}, windowSize: windowSize.Milliseconds(),
	}
}

func (t *table) at(i uint32) *entry { return &t.chunks[i/chunk][i%chunk] }

// sampling decides which identities are kept: one of 1<<bits, by its hash. The decoders
// share it with the table, which alone changes it. The zero value keeps all.
type sampling struct{ shared *atomic.Uint32 }

func (s sampling) bits() uint32 {
	if s.shared == nil {
		return 0
	}
	return s.shared.Load()
}

func (s sampling) has(id digest) bool { return id[1]&(1<<s.bits()-1) == 0 }

func (s sampling) isPartial() bool { return s.bits() > 0 }

// add takes a row of a side, which supersedes an earlier one of its identity.
func (t *table) add(side diff.Side, r *Record, row *decoded) {
	if !row.deleted && row.window.Start > t.latest[side] {
		t.latest[side] = row.window.Start
	}
	if row.isUnknown || !t.sample.has(row.id) {
		t.sampledOut[side]++
		return
	}
	i, known := t.index[row.id]
	if !known {
		if t.n == t.most {
			t.shrink()
			t.add(side, r, row)
			return
		}
		i = uint32(t.n)
		t.append(entry{id: row.id})
		t.index[row.id] = i
	}
	e := t.at(i)
	e.count[side]++
	e.deleted[side], e.value[side], e.spelling[side] = row.deleted, row.value, row.spelling
	e.offset[side], e.part[side] = r.Offset, r.Partition
	if !row.deleted {
		e.end = max(e.end, t.endOf(row.window)) // one side may not know it
	}
}

// endOf is the end of a window, or, where that is not known, the time after its start.
func (t *table) endOf(w Window) int64 {
	if w.End > w.Start {
		return w.End
	}
	return w.Start + max(t.windowSize, 1)
}

func (t *table) append(e entry) {
	if t.n%chunk == 0 && t.n/chunk == len(t.chunks) {
		t.chunks = append(t.chunks, make([]entry, 0, chunk))
	}
	last := t.n / chunk
	t.chunks[last] = append(t.chunks[last], e)
	t.n++
}

// shrink halves the sample.
func (t *table) shrink() {
	old := t.chunks
	t.sample.shared.Add(1)
	t.n, t.chunks = 0, nil
	clear(t.index)
	for i, list := range old {
		for _, e := range list {
			if !t.sample.has(e.id) {
				for side := range e.count {
					t.sampledOut[side] += int64(e.count[side])
				}
				continue
			}
			t.index[e.id] = uint32(t.n)
			t.append(e)
		}
		old[i] = nil // while the others are copied
	}
}

// all visits the entries in the order in which their identities were first seen.
func (t *table) all(visit func(*entry)) {
	for _, list := range t.chunks {
		for i := range list {
			visit(&list[i])
		}
	}
}

// isPresent reports whether the side's last row is one, and not a deletion.
func (e *entry) isPresent(side diff.Side) bool { return e.count[side] > 0 && !e.deleted[side] }

// isEqual reports whether both sides' last rows are equal. asBag: the number of rows counts.
func (e *entry) isEqual(asBag bool) bool {
	switch {
	case asBag:
		return e.count[diff.V1] == e.count[diff.V2]
	case !e.isPresent(diff.V1) || !e.isPresent(diff.V2):
		return e.isPresent(diff.V1) == e.isPresent(diff.V2)
	}
	return e.value[diff.V1] == e.value[diff.V2]
}

// differsInSpelling reports whether equal rows write numbers differently.
func (e *entry) differsInSpelling() bool {
	return e.isPresent(diff.V1) && e.isPresent(diff.V2) && e.value[diff.V1] == e.value[diff.V2] && e.spelling[diff.V1] != e.spelling[diff.V2]
}
