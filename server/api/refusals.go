package api

import (
	"sync"
	"time"
)

// refusalsASecond is how many refused changes are written to the audit in a second, so that a
// client that may only read cannot fill the disk.
const refusalsASecond = 10

// refusals counts those of a second.
type refusals struct {
	mu    sync.Mutex
	since time.Time
	count int
}

// isFew counts one, and reports whether there were few in its second.
func (r *refusals) isFew() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.since) >= time.Second {
		r.since, r.count = now, 0
	}
	r.count++
	return r.count <= refusalsASecond
}
