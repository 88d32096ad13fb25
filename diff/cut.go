package diff

import (
	"math/bits"
	"slices"
)

// A run is cut into parts whose evidence is stored. The counts of a part are differences of
// the counts of Result; what is no count is below.

// Units takes the keys and units of a run as they are compared, by their hashes. The hashes
// of a key and of a unit are the same in every process.
type Units interface {
	// Key takes the key of a compared row of a query's output, at least once in each part of
	// the run. Unit takes a unit when it is counted.
	Key(query int, hash uint64)
	Unit(query int, hash uint64)
}

// Part has the findings since the last Cut.
type Part struct {
	// Levels has the strongest level that held of each query's output; None where no row was
	// compared, if IsCompared says so for none.
	Levels     []Level
	IsCompared []bool
	// Mixed: rows of several outputs were in another order among each other.
	Mixed bool
	// Origin says where the roots are, nil for none.
	Origin *Origin
	// Largest has the largest difference of each signature, by ID, that has one.
	Largest map[string]*Example
}

// part is a query's state since the last Cut.
type part struct {
	broken [E0 + 1]bool
	rows   int64 // of the query before it
}

// wholePart is the state of all queries since the last Cut.
type wholePart struct{ mixed bool }

// breaks notes that a level does not hold.
func (q *queryState) breaks(l Level) { q.broken[l], q.part.broken[l] = true, true }

// Cut ends a part of the run, and returns what was found in it.
func (d *Differ) Cut() (p Part) {
	for i, q := range d.queries {
		since := queryState{broken: q.part.broken, rows: q.rows - q.part.rows, surplus: q.surplus}
		p.Levels = append(p.Levels, min(since.held(d.ids.outputs[i]), d.highest))
		p.IsCompared = append(p.IsCompared, since.rows > 0 || since.broken[E1])
		q.part = part{rows: q.rows}
	}
	p.Mixed, d.part.mixed = d.part.mixed, false
	if f := &d.found; f.partRoots > 0 {
		origin := f.partOrigin
		origin.V2Partitions = slices.Sorted(slices.Values(origin.V2Partitions))
		p.Origin = &origin
		f.partRoots, f.partOrigin = 0, Origin{}
	}
	p.Largest = d.found.cutLargest()
	d.ids.part++
	return p
}

// note takes an identity of which V1's row is compared for the first time in a part.
func (s *identities) note(id *identity) {
	isFirst := id.part == 0
	id.part = s.part
	of := id.key.Data.of
	isUnit := isFirst && of.units.compared(id)
	if s.noted == nil {
		return
	}
	if len(of.sink.Key) > 0 {
		s.noted.Key(of.query, id.key.Hash)
	}
	if isUnit {
		s.noteUnit(id)
	}
}

func (s *identities) noteUnit(id *identity) {
	if s.noted != nil {
		s.noted.Unit(id.key.Data.of.query, unitHash(id))
	}
}

// unitHash is the hash of a key and a window.
func unitHash(id *identity) uint64 {
	const one, two = 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f
	h := id.key.Hash
	for _, x := range [...]uint64{uint64(id.start), uint64(id.end)} {
		high, low := bits.Mul64(h^x^one, two)
		h = high ^ low
	}
	return h
}
