package state

import (
	"math/bits"
	"slices"

	"parallax/processors/row"
)

// keys numbers key tuples, and finds them. What is compared of a key lies in one
// place, without pointers: its words (see row.KeyWords).
type keys struct {
	columns int
	// slots hold a key's number plus 1 below the upper half of its hash; 0 is
	// empty. There are a power of two of them, probed one after the other.
	slots []uint64
	n     uint32
	idle  int // keys that have no group
	// heads[i] are the key's first group plus 1, and then its words.
	heads   pages[uint64]
	tuples  pages[row.Value]
	written pages[row.Written]
	texts   row.Texts // of tuples
	// ranked are keys in order. They are the first ones: those from len(ranked) on
	// have no place in it yet.
	ranked []uint32
}

func newKeys(columns int) keys {
	return keys{
		columns: columns, heads: pages[uint64]{width: 1 + row.KeyWords*columns},
		tuples: pages[row.Value]{width: columns}, written: pages[row.Written]{width: 1},
	}
}

// slotOf takes the upper bits of a product, which depend on all of the hash:
// keys of one of V2's partitions have some of its bits in common.
func slotOf(hash uint64, slots int) int {
	return int(hash * 0x9e3779b97f4a7c15 >> (64 - bits.TrailingZeros(uint(slots))))
}

// find returns a key's number. tuple is nil where the words are all of it.
func (k *keys) find(hash uint64, words []uint64, tuple []row.Value) (key uint32, ok bool) {
	if len(k.slots) == 0 {
		return 0, false
	}
	for i := slotOf(hash, len(k.slots)); ; i = (i + 1) & (len(k.slots) - 1) {
		slot := k.slots[i]
		if slot == 0 {
			return 0, false
		}
		if slot>>32 != hash>>32 {
			continue
		}
		key := uint32(slot) - 1
		differ := uint64(0)
		for own, w := k.heads.row(key)[1:], words; len(w) >= row.KeyWords && len(own) >= row.KeyWords; own, w = own[row.KeyWords:], w[row.KeyWords:] {
			differ |= own[0] ^ w[0] | own[1] ^ w[1] | own[2] ^ w[2]
		}
		if differ == 0 && (tuple == nil || row.EqualValues(k.tuples.row(key), tuple)) {
			return key, true
		}
	}
}

// add numbers a key that is not there yet; it keeps a copy of the tuple.
func (k *keys) add(hash uint64, words []uint64, tuple []row.Value) uint32 {
	if 4*(int(k.n)+1) > 3*len(k.slots) {
		k.resize(max(16, 2*len(k.slots)))
	}
	key := k.n
	k.n++
	k.heads.add(key)
	k.tuples.add(key)
	copy(k.heads.row(key)[1:], words)
	own := k.tuples.row(key)
	for i, v := range tuple {
		own[i] = k.texts.Keep(v.AsKey())
	}
	k.place(hash, key)
	k.idle++
	return key
}

func (k *keys) place(hash uint64, key uint32) {
	i := slotOf(hash, len(k.slots))
	for k.slots[i] != 0 {
		i = (i + 1) & (len(k.slots) - 1)
	}
	k.slots[i] = hash>>32<<32 | uint64(key+1)
}

func (k *keys) resize(size int) {
	k.slots = make([]uint64, size)
	for key := range k.n {
		k.place(k.hash(key), key)
	}
}

func (k *keys) hash(key uint32) uint64 { return row.HashWords(k.heads.row(key)[1:]) }

// first returns the place of the index, plus 1, of a key's first group.
func (k *keys) first(key uint32) *uint64 { return &k.heads.row(key)[0] }

// mostWritten is for how many keys is kept what was written of them: that of
// many more would not be in any cache when it is wanted again, and they would
// take more memory for it than for their state.
const mostWritten = 1 << 14

// writtenOf is room for what is written of a key; nil where none is kept of it.
func (k *keys) writtenOf(key uint32) *row.Written {
	if key >= mostWritten {
		return nil
	}
	for int(key/pageRows) >= len(k.written.list) {
		k.written.add(uint32(len(k.written.list)) * pageRows)
	}
	return &k.written.row(key)[0]
}

// inOrder returns all keys in order: those that are new are sorted and merged in.
func (k *keys) inOrder() []uint32 {
	old := k.ranked
	fresh := make([]uint32, int(k.n)-len(old))
	if len(fresh) == 0 {
		return old
	}
	for i := range fresh {
		fresh[i] = uint32(len(old) + i)
	}
	slices.SortFunc(fresh, k.compare)
	merged := make([]uint32, 0, k.n)
	for _, key := range fresh {
		n, _ := slices.BinarySearchFunc(old, key, k.compare)
		merged = append(append(merged, old[:n]...), key)
		old = old[n:]
	}
	k.ranked = append(merged, old...)
	return k.ranked
}

func (k *keys) compare(a, b uint32) int {
	return row.CompareKeys(k.tuples.row(a), k.tuples.row(b))
}

// used returns a copy without the idle keys, and the new numbers of the others.
// Rows that went out hold on to the old tuples, so nothing of those is written
// over.
func (k *keys) used() (left keys, number map[uint32]uint32) {
	left, number = newKeys(k.columns), map[uint32]uint32{}
	for key := range k.n {
		if *k.first(key) == 0 {
			continue
		}
		own := left.add(k.hash(key), k.heads.row(key)[1:], k.tuples.row(key))
		*left.first(own) = *k.first(key)
		number[key] = own
	}
	left.idle = 0
	return left, number
}
