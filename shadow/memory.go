package shadow

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"parallax/shadow/host"
)

// heapEvery is how often the heap is looked at. It costs a few microseconds.
const heapEvery = 20 * time.Millisecond

// watchHeap sheds V2 once it seems to hold more than v2.memory, until ctx ends.
//
// It is an estimate: Go does not say whose memory is whose. What is known is how
// much the live heap of the whole process has grown since V2 began, at c.base. A
// V2 that is right holds as much state as V1, so half of the growth at most is
// V1's, and the rest is taken for V2's. So the process may grow by twice
// v2.memory before V2 is shed, and what else runs in it counts too. The figure is
// that of the last garbage collection: it comes late by one.
func (c *candidate) watchHeap(ctx context.Context, heap func() int64) {
	tick := time.NewTicker(heapEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if held := (heap() - c.base) / 2; held > c.cfg.Memory {
			c.detach(overloaded, fmt.Errorf("V2 seems to hold %d MiB, more than v2.memory (%d MiB): half of what the heap has grown by", held>>20, c.cfg.Memory>>20))
			return
		}
	}
}

// heapOf is the job's reading of the heap and what it says now, with everything
// collected that nobody needs.
func heapOf(job *Job) (heap func() int64, base int64) {
	if job.Heap != nil {
		return job.Heap, job.Heap()
	}
	runtime.GC()
	return host.LiveHeap, host.LiveHeap()
}
