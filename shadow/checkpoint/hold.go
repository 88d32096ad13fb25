package checkpoint

import "sync"

// held are the checkpoints that are being read while newer ones are published. The zero value
// has none.
type held struct {
	mu  sync.Mutex
	ids map[ID]int
}

// Hold keeps a checkpoint from being deleted as an old one until release is called, once. It is
// deleted when the next one is published after that. It may be called on any goroutine.
func (w *Writer) Hold(id ID) (release func()) {
	w.held.add(id, 1)
	return sync.OnceFunc(func() { w.held.add(id, -1) })
}

func (h *held) add(id ID, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ids == nil {
		h.ids = map[ID]int{}
	}
	if h.ids[id] += n; h.ids[id] == 0 {
		delete(h.ids, id)
	}
}

func (h *held) has(id ID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ids[id] > 0
}
