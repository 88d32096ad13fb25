package diff

import (
	"encoding/binary"
	"unsafe"

	"parallax/processors/row"
)

// identity is what two rows must share to be compared: output topic, window and key. It
// holds what the comparison keeps of the rows that have it.
type identity struct {
	last [2]last // by side
	// partition is the partition of V2 that its first row came from, -1 before that.
	partition int32
	misrouted bool // rows came from two partitions
	// tainted: an earlier divergence has not healed, so that further ones are cascades.
	tainted bool
	// isEarly: V2 had a row of it before the watermark allowed it.
	isEarly bool
	// part is the number of the last part of the run in which a row of V1 was compared, 0 if
	// there is none.
	part uint32
	// comparison is the number of the last comparison that had rows of it. at is the index of
	// its last row in that batch, or of its group if the batch was compared closely.
	comparison uint64
	at         int32
	// apart says that the sides' last rows differ.
	apart      bool
	start, end int64 // of its window
	key        *key
	// next and before are its neighbours in the chain of its key.
	next, before *identity
	// parts are V2's latest values by partition, kept after it was misrouted.
	parts map[int32][]row.Value
}

// key is a key of one output, with its identities, chained.
type key = row.Key[keyed]

type keyed struct {
	of    *keys
	first *identity
	// n is the number of identities; byWindow indexes them if there are more than
	// mostUnindexed.
	n        int
	byWindow map[window]*identity
	// tuple is the address of V1's own copy of the key, once that was found to be equal; nil
	// before.
	tuple *row.Value
	// gone says that it has no identities and is no longer in the table: it must be looked up again.
	gone bool
	// counted: it is included in the distinct keys.
	counted bool
	// hasNull: a column of the key is NULL.
	hasNull bool
}

// window is [start, end), in ms.
type window struct{ start, end int64 }

// mostUnindexed is up to how many identities of a key are searched one by one: enough for
// the open windows of a key. A busy key may have more sessions than that.
const mostUnindexed = 8

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

// link adds an identity to its key's chain.
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
	case d.n > mostUnindexed:
		d.byWindow = make(map[window]*identity, 2*mostUnindexed)
		for own := d.first; own != nil; own = own.next {
			d.byWindow[window{own.start, own.end}] = own
		}
	}
}

// last is the latest row of a side: none, a deletion, or a row with a value.
type last struct {
	present, deleted bool
	digest           uint64
}

// lastOf returns the last for a row of a sink.
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
	spare    []*identity // removed ones, for reuse
	judged   bool        // the rows that are looked up are compared
	// part is the number of the current part of the run, from 1 on.
	part  uint32
	noted Units // takes what is compared; nil for none
}

// keys are the keys of one output.
type keys struct {
	sink  *row.Sink
	query int
	table row.KeyTable[keyed]
	// leading is how many of the first columns of the value are the first columns of the key.
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

// mostSpare limits how many removed identities are kept for reuse.
const mostSpare = 1 << 14

// fresh returns memory for an identity: that of a removed one, or new memory.
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

// find returns a row's key, a new one if need be. V1 stores each recurring key once and does
// not change it; such a key has a row.Written, where find stores its result for the next
// time. V2's memory is not relied on: its rows are looked up by the contents of their key,
// and a new key is copied, because V2 may overwrite its memory after the comparison.
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

// isInterned reports, by the address of the tuple, whether a row of V1 has this key. V1 does
// not change a tuple that has a row.Written. V2 gives no such guarantee.
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
// Nothing else refers to them between two comparisons.
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

// unlink removes an identity from its key's chain, and the key from its table if it was the
// last one.
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
