package exec

import (
	"iter"
	"runtime"

	"parallax/processors/exec/frozen"
	"parallax/processors/row"
	"parallax/processors/state"
)

// keyTable is a row.KeyTable that can be frozen. Its owner calls touch before it modifies what
// freeze lists of a key. The zero value is empty.
type keyTable[T any, P marked[T]] struct {
	row.KeyTable[T]
	views frozen.Views[*row.Key[T], []state.Entry]
}

// marked is a value of a key that has a mark.
type marked[T any] interface {
	*T
	mark() *frozen.Mark
}

// entryMark is a mark to be embedded.
type entryMark struct{ own frozen.Mark }

func (m *entryMark) mark() *frozen.Mark { return &m.own }

// touch copies a key's entries for those that read a frozen table, if there are any.
func (t *keyTable[T, P]) touch(k *row.Key[T]) {
	if t.views.IsOpen() {
		t.views.Save(P(&k.Data).mark(), k)
	}
}

// Add adds a key, as KeyTable.Add does.
func (t *keyTable[T, P]) Add(hash uint64, values []row.Value) *row.Key[T] {
	k := t.KeyTable.Add(hash, values)
	t.views.Added(P(&k.Data).mark())
	return k
}

// AddAs adds a key, as KeyTable.AddAs does.
func (t *keyTable[T, P]) AddAs(k *row.Key[T], hash uint64, values []row.Value) {
	t.views.Added(P(&k.Data).mark())
	t.KeyTable.AddAs(k, hash, values)
}

// Delete deletes a key, as KeyTable.Delete does.
func (t *keyTable[T, P]) Delete(k *row.Key[T]) {
	t.touch(k)
	t.KeyTable.Delete(k)
}

// Retain deletes keys, as KeyTable.Retain does.
func (t *keyTable[T, P]) Retain(keep func(*row.Key[T]) bool) {
	t.KeyTable.Retain(func(k *row.Key[T]) bool {
		if keep(k) {
			return true
		}
		t.touch(k)
		return false
	})
}

// freeze fixes the table's entries, which can be listed on any goroutine while the owner
// continues. entries copies those of a key, and must not call methods of the table.
func (t *keyTable[T, P]) freeze(entries func([]state.Entry, *row.Key[T]) []state.Entry) iter.Seq[state.Entry] {
	keys := t.Keys()
	view := t.views.Open(func(k *row.Key[T]) []state.Entry { return entries(nil, k) })
	return func(yield func(state.Entry) bool) {
		defer runtime.KeepAlive(view)
		for _, k := range keys {
			for _, e := range view.Read(P(&k.Data).mark(), k) {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// inOrder copies the entries of all keys, keys in order.
func (t *keyTable[T, P]) inOrder(entries func([]state.Entry, *row.Key[T]) []state.Entry) (list []state.Entry) {
	for _, k := range t.InOrder() {
		list = entries(list, k)
	}
	return list
}
