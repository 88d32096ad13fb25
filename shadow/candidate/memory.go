package candidate

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"parallax/shadow/host"
)

// heapEvery is how often the heap is looked at. It costs a few microseconds.
const heapEvery = 20 * time.Millisecond

// watchHeap sheds the candidate once it seems to hold more than v2.memory, until ctx
// ends.
//
// It is an estimate: Go does not say whose memory is whose. What is known is how much the
// live heap of the whole process has grown since the candidate began, at c.base. A
// candidate that is right holds as much state as the control, so half of the growth at
// most is the control's, and the rest is taken for the candidate's. So the process may
// grow by twice v2.memory before the candidate is shed, and what else runs in it counts
// too. The figure is that of the last garbage collection: it comes late by one.
func (c *Candidate) watchHeap(ctx context.Context, heap func() int64) {
	tick := time.NewTicker(heapEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if held := (heap() - c.base) / 2; held > c.cfg.Memory {
			c.detach(Overloaded, fmt.Errorf("V2 is estimated to hold %d MiB (half of the growth of the heap), more than v2.memory (%d MiB)", held>>20, c.cfg.Memory>>20))
			return
		}
	}
}

// watchMemory sheds the candidate once it holds more than v2.memory: by what it says of itself,
// if that is known, else by the growth of the heap.
func (c *Candidate) watchMemory(ctx context.Context, heap func() int64, own func() (int64, error)) {
	if own == nil {
		c.watchHeap(ctx, heap)
		return
	}
	tick := time.NewTicker(heapEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		held, err := own()
		if err == nil && held > c.cfg.Memory {
			err = fmt.Errorf("V2's state is estimated to hold %d MiB, more than v2.memory (%d MiB)", held>>20, c.cfg.Memory>>20)
		}
		if err != nil {
			c.detach(Overloaded, err)
			return
		}
	}
}

// heapOf returns the reading of the heap that was chosen, nil for the process's own, and its
// value of now. The process's own is read after a garbage collection.
func heapOf(chosen func() int64) (heap func() int64, base int64) {
	if chosen != nil {
		return chosen, chosen()
	}
	runtime.GC()
	return host.LiveHeap, host.LiveHeap()
}
