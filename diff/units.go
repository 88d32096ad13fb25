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

// compared takes an identity of which V1's row is compared for the first time. It reports
// whether that is a unit.
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

// close takes an identity whose window has closed. A session that grew or became one
// with another had other bounds before, and deleted the row that it had with them: only
// what is there when it closes is a unit. It reports whether it became one now.
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

// closes is the watermark at which rows of a window that ends at end can change no
// more. A session still takes a record at its end and grace.
func closes(s *row.Sink, end int64) int64 {
	if s.Session {
		end = row.AddTime(end, 1)
	}
	return row.AddTime(end, s.Grace)
}

// MostKeys is how many distinct keys of an output with windows are counted.
const MostKeys = 1 << 20

// keySet counts distinct keys by their hashes, exactly up to MostKeys but for keys
// whose 64-bit hashes are equal. Beyond, the count is a lower bound. It needs at most
// some 20 MB. The zero value is empty.
type keySet struct {
	hashes map[uint64]struct{}
	full   bool // a key was left out
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
