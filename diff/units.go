package diff

import "parallax/processors/row"

// units counts the units of evidence of one output that has keys or windows.
// The zero value is empty.
type units struct {
	count, closed int64
	// distinct are the keys of an output with windows, whose keys are forgotten with
	// their last window.
	distinct keySet
}

// compared counts an identity when a row of V1 of it is compared for the first time. It
// reports whether that is a new unit.
func (u *units) compared(id *identity) (isUnit bool) {
	sink := id.key.Data.of.sink
	if !sink.Session {
		u.count++
	}
	if sink.Windowed && len(sink.Key) > 0 && !id.key.Data.counted {
		id.key.Data.counted = true
		u.distinct.add(id.key.Hash)
	}
	return !sink.Session
}

// close counts an identity whose window has closed, and reports whether that is a new unit.
// A session that grew, or merged with another, deletes the row with its former bounds, so
// a session counts as a unit only when it closes.
func (u *units) close(id *identity) (isUnit bool) {
	if id.part == 0 {
		return false
	}
	session := id.key.Data.of.sink.Session
	if session && !id.last[V1].present {
		return false
	}
	u.closed++
	if session {
		u.count++
	}
	return session
}

// closes returns the watermark from which on rows of a window that ends at end cannot
// change any more. A session still accepts a record at exactly its end plus grace.
func closes(s *row.Sink, end int64) int64 {
	if s.Session {
		end = row.AddTime(end, 1)
	}
	return row.AddTime(end, s.Grace)
}

// MostKeys is how many distinct keys of an output with windows are counted.
const MostKeys = 1 << 20

// keySet counts distinct keys by their 64-bit hashes. The count is exact up to MostKeys,
// except for keys with equal hashes; beyond, it is a lower bound. The set needs at most
// about 20 MB. The zero value is empty.
type keySet struct {
	hashes map[uint64]struct{}
	full   bool // a key was not added
}

func (s *keySet) add(hash uint64) {
	if _, known := s.hashes[hash]; known {
		return
	}
	if len(s.hashes) == MostKeys {
		s.full = true
		return
	}
	if s.hashes == nil {
		s.hashes = map[uint64]struct{}{}
	}
	s.hashes[hash] = struct{}{}
}

func (s *keySet) len() int64 { return int64(len(s.hashes)) }
