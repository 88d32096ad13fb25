package exec

import (
	"container/heap"

	"parallax/processors/row"
)

// windowTable is a keyTable whose keys are, where it is windowed, in windows: the last
// value of a key is its window's end. Those of windows that have ended go together.
// The zero value is empty, and not windowed.
type windowTable[T any, P windowPlace[T]] struct {
	keyTable[T, P]
	windowed bool
	// byEnd finds the keys of the windows with one end, and ends the first of them.
	byEnd map[int64]*windowKeys[T]
	ends  windowEnds[T]
	last  *windowKeys[T] // added to last
}

// windowPlace is kept of a key: its mark, and where it is among those of its window.
type windowPlace[T any] interface {
	marked[T]
	place() *int32
}

// placed is a windowPlace to be embedded.
type placed struct{ at int32 }

func (p *placed) place() *int32 { return &p.at }

// windowKeys are the keys whose windows have one end.
type windowKeys[T any] struct {
	end  int64
	keys []*row.Key[T]
	at   int // in the heap
}

// Add adds a key, as keyTable.Add does.
func (t *windowTable[T, P]) Add(hash uint64, values []row.Value) *row.Key[T] {
	k := t.keyTable.Add(hash, values)
	if t.windowed {
		w := t.window(endOf(k))
		*P(&k.Data).place() = int32(len(w.keys))
		w.keys = append(w.keys, k)
	}
	return k
}

// Delete deletes a key, as keyTable.Delete does.
func (t *windowTable[T, P]) Delete(k *row.Key[T]) {
	t.keyTable.Delete(k)
	if !t.windowed {
		return
	}
	w, at := t.window(endOf(k)), *P(&k.Data).place()
	n := len(w.keys) - 1
	other := w.keys[n] // takes its place
	w.keys[at], w.keys[n] = other, nil
	*P(&other.Data).place() = at
	if w.keys = w.keys[:n]; n == 0 {
		heap.Remove(&t.ends, w.at)
		t.forget(w)
	}
}

// expire drops the keys of windows that end at or before a time.
func (t *windowTable[T, P]) expire(settled int64) {
	for len(t.ends) > 0 && t.ends[0].end <= settled {
		w := heap.Pop(&t.ends).(*windowKeys[T])
		for _, k := range w.keys {
			t.keyTable.Delete(k)
		}
		t.forget(w)
	}
}

func endOf[T any](k *row.Key[T]) int64 { return k.Values[len(k.Values)-1].Int64() }

// window is the keys whose windows have an end.
func (t *windowTable[T, P]) window(end int64) *windowKeys[T] {
	if t.last != nil && t.last.end == end {
		return t.last
	}
	w := t.byEnd[end]
	if w == nil {
		if t.byEnd == nil {
			t.byEnd = map[int64]*windowKeys[T]{}
		}
		w = &windowKeys[T]{end: end}
		t.byEnd[end] = w
		heap.Push(&t.ends, w)
	}
	t.last = w
	return w
}

func (t *windowTable[T, P]) forget(w *windowKeys[T]) {
	delete(t.byEnd, w.end)
	if t.last == w {
		t.last = nil
	}
}

// windowEnds is a heap.Interface, the first end first.
type windowEnds[T any] []*windowKeys[T]

func (h windowEnds[T]) Len() int           { return len(h) }
func (h windowEnds[T]) Less(i, j int) bool { return h[i].end < h[j].end }

func (h windowEnds[T]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].at, h[j].at = i, j
}

// Push implements heap.Interface.
func (h *windowEnds[T]) Push(x any) {
	w := x.(*windowKeys[T])
	w.at = len(*h)
	*h = append(*h, w)
}

// Pop implements heap.Interface: it removes and returns the last element.
func (h *windowEnds[T]) Pop() any {
	n := len(*h) - 1
	w := (*h)[n]
	(*h)[n] = nil
	*h = (*h)[:n]
	return w
}
