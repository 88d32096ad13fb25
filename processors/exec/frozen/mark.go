package frozen

import (
	"runtime"
	"sync/atomic"
)

// Mark is stored with each entry of a table that can be frozen. It says for which views the
// entry has been copied, and whether a goroutine is copying it. The zero value belongs to an
// entry that has not been copied.
type Mark struct {
	// word is the epoch of the newest view for which the owner has copied the entry. Epochs
	// are even; the lowest bit says that a goroutine is copying it.
	word uint32
}

const isBusy = 1

// claim waits until no other goroutine is copying the entry, which takes as long as one copy.
// It returns false if the entry was copied for the view of an epoch. Otherwise the caller must
// copy it and call release.
func (m *Mark) claim(epoch uint32) (before uint32, ok bool) {
	for {
		before = atomic.LoadUint32(&m.word)
		switch {
		case before&isBusy != 0:
			runtime.Gosched()
		case before >= epoch:
			return before, false
		case atomic.CompareAndSwapUint32(&m.word, before, before|isBusy):
			return before, true
		}
	}
}

func (m *Mark) release(epoch uint32) { atomic.StoreUint32(&m.word, epoch) }
