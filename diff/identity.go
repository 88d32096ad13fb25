package diff

import (
	"encoding/binary"
	"unsafe"

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
	// hasty: V2 had a row of it before its time.
	hasty bool
	// part is the number of the last part of the run in which a row of V1 was compared, 0 for
	// none.
	part uint32
	// at is the index of its last row in the batch of a comparison of that number, or of
	// its rows among those that are looked into.
	comparison uint64
	at         int32
	// apart says that the sides' last rows differ.
	apart      bool
	start, end int64 // of its window
	key        *key
	// next and before are of the same key.
	next, before *identity
	// parts are V2's latest values by partition, kept once it was misrouted.
	parts map[int32][]row.Value
}

// key is a key of one output, with its identities, chained.
type key = row.Key[keyed]

type keyed struct {
	of    *keys
	first *identity
	// n is how many identities there are; byWindow finds them where they are not few.
	n        int
	byWindow map[window]*identity
	// tuple is where V1 keeps its tuple of the key, once it is known to be equal to it;
	// nil before.
	tuple *row.Value
	// gone: it has no identities, and is looked for again if it comes again.
	gone bool
	// counted says that it is among the distinct keys.
	counted bool
	// hasNull: a column of the key is NULL.
	hasNull bool
}

// window is [start, end), in ms.
type window struct{ start, end int64 }

// few is how many identities of a key are looked through one by one: a key's windows
// that are open. The sessions of a busy key are more.
const few = 8

// in returns the identity of a window; nil for none.
func (d *keyed) in(w window) *identity {
	if d.byWindow != nil {
		return d.byWindow[w]
	}
	for id := d.first; id != nil; id = id.next {
		if id.start == w.start && id.end == w.end {
			return id
		}
	}
	return nil
}

// link puts an identity into its key's chain.
func (id *identity) link() {
	d := &id.key.Data
	if id.next = d.first; id.next != nil {
		id.next.before = id
	}
	d.first = id
	d.n++
	switch {
	case d.byWindow != nil:
		d.byWindow[window{id.start, id.end}] = id
	case d.n > few:
		d.byWindow = make(map[window]*identity, 2*few)
		for own := d.first; own != nil; own = own.next {
			d.byWindow[window{own.start, own.end}] = own
		}
	}
}

// last is a side's latest row: none, a deletion, or a row with a value.
type last struct {
	present, deleted bool
	digest           uint64
}

// lastOf makes the last of a row of a sink.
func lastOf(s *row.Sink, c *row.Change) last {
	deleted := c.Deleted()
	return last{present: !deleted, deleted: deleted, digest: row.Digest(c, s.FromKey)}
}

// isRow reports whether the latest row was equal to a row of the same identity.
func (l last) isRow(s *row.Sink, c *row.Change) bool {
	return (l.present || l.deleted) && l == lastOf(s, c)
}

// sameInTable reports whether two latest rows are the same in a table, where a deletion
// is the same as no row.
func (l last) sameInTable(other last) bool {
	return !l.present && !other.present || l == other
}

// appendRow appends the canonical encoding of what a row shows: its values and
// timestamp. Equal rows of one identity have equal bytes.
func appendRow(dst []byte, c *row.Change) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.Timestamp))
	if c.Deleted() {
		return append(dst, 0)
	}
	dst = binary.AppendUvarint(append(dst, 1), uint64(len(c.Values)))
	return row.AppendKey(dst, c.Values...)
}

func appendIdentity(dst []byte, c *row.Change) []byte {
	dst = binary.BigEndian.AppendUint16(dst, c.Query)
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.WindowStart))
	dst = binary.BigEndian.AppendUint64(dst, uint64(c.WindowEnd))
	return row.AppendKey(dst, c.Key...)
}

// identities holds the identities that can still change.
type identities struct {
	outputs  []*keys     // by query; nil where an output is one sequence
	expiring expiries    // the windowed ones
	spare    []*identity // that were forgotten, to be used again
	judged   bool        // says that what is asked for is compared
	// part is the number of the part of the run that is compared, from 1 on.
	part  uint32
	noted Units // nil for none
}

// keys are those of one output.
type keys struct {
	sink  *row.Sink
	query int
	table row.KeyTable[keyed]
	// leading is how many of the value's first columns are the key's first ones.
	leading int
	units   units
	ends    ends
}

func newIdentities(sinks []*row.Sink, noted Units) *identities {
	s := &identities{expiring: expiries{at: map[int64][]*identity{}}, part: 1, noted: noted}
	for _, sink := range sinks {
		var k *keys
		if len(sink.Key) > 0 || sink.Windowed {
			k = &keys{sink: sink, query: len(s.outputs)}
			for k.leading < min(len(sink.Key), len(sink.FromKey)) && sink.FromKey[k.leading] == k.leading {
				k.leading++
			}
		}
		s.outputs = append(s.outputs, k)
	}
	return s
}

// of returns a row's identity, a new one if need be; nil where the output has
// neither key nor window and is one sequence.
func (s *identities) of(side Side, c *row.Change) *identity {
	output := s.outputs[c.Query]
	if output == nil {
		return nil
	}
	id := s.in(output.find(side, c), c)
	if side == V1 {
		s.count(id)
	}
	return id
}

// in returns the identity of a key in a row's window.
func (s *identities) in(k *key, c *row.Change) *identity {
	id := k.Data.in(window{c.WindowStart, c.WindowEnd})
	if id != nil {
		return id
	}
	id = s.fresh()
	*id = identity{partition: -1, start: c.WindowStart, end: c.WindowEnd, key: k}
	id.link()
	if sink := k.Data.of.sink; sink.Windowed {
		s.expiring.add(id, closes(sink, c.WindowEnd))
	}
	return id
}

// mostSpare is how many identities are kept for use.
const mostSpare = 1 << 14

// fresh is an identity to be written to: a window's that has closed, or a new one.
func (s *identities) fresh() *identity {
	n := len(s.spare)
	if n == 0 {
		return new(identity)
	}
	id := s.spare[n-1]
	s.spare = s.spare[:n-1]
	return id
}

// count counts an identity of which a row of V1 is compared.
func (s *identities) count(id *identity) {
	if s.judged && id.part != s.part {
		s.note(id)
	}
}

// find returns a row's key, a new one if need be. V1 keeps the keys that come again
// and again, each once and unchanged, with room for what is known of it (row.Written):
// what was found is left there. Nothing that V2 keeps is used: its rows are looked up
// by the contents of their key, and the text of a new key is copied, since V2 may
// write over its own memory after the comparison.
func (k *keys) find(side Side, c *row.Change) *key {
	interned := side == V1 && c.Written != nil
	if interned {
		known, ok := c.Written.Compared.(*key)
		if ok && known.Data.of == k && !known.Data.gone && known.Data.isInterned(c) {
			return known
		}
	}
	hash := row.Hash(c.Key)
	found := k.table.Find(hash, c.Key)
	if found == nil {
		tuple := c.Key
		if !interned {
			tuple = row.CloneAll(tuple)
		}
		found = &key{Values: tuple, Hash: hash, Data: keyed{of: k, hasNull: hasNull(tuple)}}
		k.table.Put(found)
	}
	if interned {
		found.Data.tuple = unsafe.SliceData(c.Key)
		c.Written.Compared = found
	}
	return found
}

// isInterned reports whether a row of V1 has the key by the address of its tuple, which
// V1 keeps unchanged as long as its row.Written. That is not known of V2.
func (d *keyed) isInterned(c *row.Change) bool {
	return d.tuple != nil && d.tuple == unsafe.SliceData(c.Key)
}

// all visits every identity.
func (s *identities) all(visit func(*identity)) {
	for _, output := range s.outputs {
		if output == nil {
			continue
		}
		output.table.All(func(k *key) {
			for id := k.Data.first; id != nil; id = id.next {
				visit(id)
			}
		})
	}
}

// forget drops the identities whose window closed at or before a watermark.
// Nothing else holds on to them between two comparisons.
func (s *identities) forget(watermark int64) {
	s.expiring.upTo(watermark, func(id *identity) {
		if id.key.Data.of.units.close(id) {
			s.noteUnit(id)
		}
		id.key.Data.of.ends.close(id, s.judged)
		id.unlink()
		if len(s.spare) < mostSpare {
			*id = identity{}
			s.spare = append(s.spare, id)
		}
	})
}

// unlink takes an identity out of its key's chain, and the key out of its table
// if that was the last one.
func (id *identity) unlink() {
	d := &id.key.Data
	if id.next != nil {
		id.next.before = id.before
	}
	if id.before != nil {
		id.before.next = id.next
	} else {
		d.first = id.next
	}
	d.n--
	if d.byWindow != nil {
		delete(d.byWindow, window{id.start, id.end})
	}
	if d.first == nil {
		d.gone = true
		d.of.table.Delete(id.key)
	}
}
