package row

import "slices"

// KeyTable maps key tuples to values of T. The zero value is empty. It is not safe for
// concurrent use.
type KeyTable[T any] struct {
	// slots is an open-addressing hash table with linear probing. Its size is a power of
	// two, and at most half of the slots are in use. The hash is stored with the key, which
	// a lookup reads anyway.
	slots []*Key[T]
	n     int
}

// Key is a key tuple with its value of T. Values and Hash are not modified.
type Key[T any] struct {
	Values []Value
	Hash   uint64 // of Values
	Data   T
}

// Len returns the number of keys.
func (t *KeyTable[T]) Len() int { return t.n }

// Find returns the key equal to a tuple with the given Hash; nil if there is none.
func (t *KeyTable[T]) Find(hash uint64, values []Value) *Key[T] {
	if len(t.slots) == 0 {
		return nil
	}
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		k := t.slots[i]
		if k == nil || k.Hash == hash && EqualValues(k.Values, values) {
			return k
		}
	}
}

// Add adds a key that is not in the table. It stores a copy of the tuple in its form for
// keys.
func (t *KeyTable[T]) Add(hash uint64, values []Value) *Key[T] {
	k := new(Key[T])
	t.AddAs(k, hash, values)
	return k
}

// AddAs is Add with a Key that is in no table; its memory is reused. Its value of T is not
// reset.
func (t *KeyTable[T]) AddAs(k *Key[T], hash uint64, values []Value) {
	k.Hash, k.Values = hash, slices.Grow(k.Values[:0], len(values))
	for _, v := range values {
		k.Values = append(k.Values, v.AsKey().Clone())
	}
	t.Put(k)
}

// Put puts in a key of the caller's that is not there yet.
func (t *KeyTable[T]) Put(k *Key[T]) {
	if 2*(t.n+1) > len(t.slots) {
		t.resize(max(16, 2*len(t.slots)))
	}
	t.n++
	t.place(k)
}

func (t *KeyTable[T]) place(k *Key[T]) {
	mask := uint64(len(t.slots) - 1)
	i := k.Hash & mask
	for t.slots[i] != nil {
		i = (i + 1) & mask
	}
	t.slots[i] = k
}

func (t *KeyTable[T]) resize(size int) {
	old := t.slots
	t.slots = make([]*Key[T], size)
	for _, k := range old {
		if k != nil {
			t.place(k)
		}
	}
}

// All calls visit with each key, in no particular order.
func (t *KeyTable[T]) All(visit func(*Key[T])) {
	for _, k := range t.slots {
		if k != nil {
			visit(k)
		}
	}
}

// Keys returns all keys in no particular order.
func (t *KeyTable[T]) Keys() []*Key[T] {
	keys := make([]*Key[T], 0, t.n)
	for _, k := range t.slots {
		if k != nil {
			keys = append(keys, k)
		}
	}
	return keys
}

// InOrder returns all keys as CompareKeys has them.
func (t *KeyTable[T]) InOrder() []*Key[T] {
	keys := t.Keys()
	slices.SortFunc(keys, func(a, b *Key[T]) int { return CompareKeys(a.Values, b.Values) })
	return keys
}

// Retain deletes the keys for which keep returns false, and frees their slots.
func (t *KeyTable[T]) Retain(keep func(*Key[T]) bool) {
	var left []*Key[T]
	for _, k := range t.slots {
		if k != nil && keep(k) {
			left = append(left, k)
		}
	}
	size := 16
	for 2*len(left) > size {
		size *= 2
	}
	t.slots, t.n = make([]*Key[T], size), len(left)
	for _, k := range left {
		t.place(k)
	}
}

// Delete deletes a key that is in the table.
func (t *KeyTable[T]) Delete(k *Key[T]) {
	mask := uint64(len(t.slots) - 1)
	i := k.Hash & mask
	for t.slots[i] != k {
		i = (i + 1) & mask
	}
	t.n--
	// Those behind it move up where the gap would hide them (Knuth 6.4, R).
	for j := i; ; {
		t.slots[i] = nil
		for {
			j = (j + 1) & mask
			if t.slots[j] == nil {
				return
			}
			home := t.slots[j].Hash & mask
			if (j-home)&mask >= (j-i)&mask {
				break
			}
		}
		t.slots[i] = t.slots[j]
		i = j
	}
}
