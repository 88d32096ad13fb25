// Package memory keeps the V2s of many jobs within the memory of one process. Go does not say
// which job's memory is which, so each job accounts for the size of its own V2, and if the
// process needs too much, the largest V2 is detached: no other job loses its V2.
//
// Stability: ours.
package memory

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// checkEvery is how often the process is looked at.
	checkEvery = time.Second
	// pause is how long a V2 that was detached has to free its memory before another one goes.
	pause = 5 * time.Second
	// full is the part of the limit, in percent, from which on V2s are detached.
	full = 85
)

// Watch watches the memory of the process. It is safe for concurrent use.
type Watch struct {
	limit int64
	live  func() int64

	mu       sync.Mutex
	accounts map[*Account]bool
	next     time.Time // when the next V2 may go
}

// Account is the memory of a job's V2.
type Account struct {
	job   string
	watch *Watch
	size  func() int64
	// gone is why the V2 must go; nil if it may stay. Guarded by the watch's mu.
	gone error
}

// New returns a watch of a process that may hold limit bytes, 0 for no limit; live returns
// how many it holds.
func New(limit int64, live func() int64) *Watch {
	return &Watch{limit: limit, live: live, accounts: map[*Account]bool{}}
}

// Open opens the account of a job, until Close. size estimates how many bytes its V2 holds,
// 0 while it has none.
func (w *Watch) Open(job string, size func() int64) *Account {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := &Account{job: job, watch: w, size: size}
	w.accounts[a] = true
	return a
}

// Close closes the account: the job has stopped.
func (a *Account) Close() {
	a.watch.mu.Lock()
	defer a.watch.mu.Unlock()
	delete(a.watch.accounts, a)
}

// Held returns how many bytes the V2 holds. The error says, once, that it must go.
func (a *Account) Held() (int64, error) {
	held := a.size()
	a.watch.mu.Lock()
	defer a.watch.mu.Unlock()
	err := a.gone
	a.gone = nil
	return held, err
}

// Run checks the process until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	if w.limit <= 0 {
		return
	}
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.check(time.Now())
		}
	}
}

// check makes the largest V2 go if the process holds too much.
func (w *Watch) check(now time.Time) {
	live := w.live()
	w.mu.Lock()
	defer w.mu.Unlock()
	if live < w.limit/100*full || now.Before(w.next) {
		return
	}
	var largest *Account
	var most int64
	for a := range w.accounts {
		if size := a.size(); size > most {
			largest, most = a, size
		}
	}
	if largest == nil {
		return
	}
	largest.gone = fmt.Errorf("the process holds %d MiB of the %d MiB that it may, and V2 of job %s is the largest, with about %d MiB", live>>20, w.limit>>20, largest.job, most>>20)
	w.next = now.Add(pause)
}
