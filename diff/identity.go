package diff

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"

	"parallax/processors/row"
)

// identity is what two rows must share to be compared: output topic, window and
// key. This is what is remembered of one.
type identity struct {
	last [2]last // by side
	// partition is the one of V2's that it first came from, -1 before.
	partition int32
	misrouted bool
	// tainted: a divergence has not healed.
	tainted bool
	// parts are V2's latest values by partition, kept once it was misrouted.
	parts map[int32][]row.Value
}

// last is a side's latest row, or that it has none: a deletion is none.
type last struct {
	present bool
	hash    uint64
}

// lastOf makes the last of a row and its encoding.
func lastOf(c *row.Change, encoded []byte) last {
	if c.Deleted() {
		return last{}
	}
	return last{present: true, hash: xxh3.Hash(encoded)}
}

// appendRow appends the canonical encoding of what a row shows: its values and
// timestamp. Equal rows of one identity have equal bytes.
func appendRow(dst []byte, c *row.Change) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.Timestamp))
	if c.Deleted() {
		return append(dst, 0)
	}
	return row.AppendKey(append(dst, 1), c.Values...)
}

// identities holds the identities that can still change.
type identities struct {
	sinks   []*row.Sink
	byKey   map[string]*identity
	windows map[int64][]string // windowed identities by when they are forgotten
	next    int64              // the smallest of these
	created int64
	scratch []byte
}

func newIdentities(sinks []*row.Sink) *identities {
	return &identities{sinks: sinks, byKey: map[string]*identity{}, windows: map[int64][]string{}, next: row.FinalWatermark}
}

// of returns a row's identity, a new one if need be; nil where the output has
// neither key nor window and is one sequence.
func (s *identities) of(c *row.Change) *identity {
	sink := s.sinks[c.Query]
	if len(sink.Key) == 0 && !sink.Windowed {
		return nil
	}
	s.scratch = appendIdentity(s.scratch[:0], c)
	if id, ok := s.byKey[string(s.scratch)]; ok {
		return id
	}
	id := &identity{partition: -1}
	key := string(s.scratch)
	s.byKey[key] = id
	s.created++
	if sink.Windowed {
		until := c.WindowEnd + sink.Grace
		s.windows[until] = append(s.windows[until], key)
		s.next = min(s.next, until)
	}
	return id
}

func appendIdentity(dst []byte, c *row.Change) []byte {
	dst = binary.BigEndian.AppendUint16(dst, c.Query)
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.WindowStart))
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.WindowEnd))
	return row.AppendKey(dst, c.Key...)
}

// forget drops the identities whose window closed at or before a watermark.
func (s *identities) forget(watermark int64) {
	if watermark < s.next {
		return
	}
	s.next = row.FinalWatermark
	for until, keys := range s.windows {
		if until > watermark {
			s.next = min(s.next, until)
			continue
		}
		for _, k := range keys {
			delete(s.byKey, k)
		}
		delete(s.windows, until)
	}
}
