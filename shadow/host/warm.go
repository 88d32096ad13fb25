package host

import "time"

const (
	// piece is how much memory is asked for at a time, in bytes: little enough to fit
	// into the gaps of a heap that is in use.
	piece = 64 << 10
	page  = 4 << 10
	// warmFor is how long memory that was touched stays with the process at least: Go
	// gives back what it has not used between two collections, of which there is one
	// every two minutes.
	warmFor = time.Minute
)

// StayWarm has memory at hand from now on, as long as there are jobs: as much as V2
// may hold, but no more than HeapSlack or the control group's part of it. A page that
// is written to for the first time costs its writer 1 to 10 µs, the more on a machine
// that is itself a guest, and what waits for a V2 that has fallen behind is written by
// V1: with such pages, a second of it costs V1 half a second.
func StayWarm(v2Memory int64) {
	slack.mu.Lock()
	defer slack.mu.Unlock()
	slack.warmth = atMost(MemoryLimit(), v2Memory)
	if freeHeap() < slack.warmth {
		warm()
	}
}

// warmAgain does that for the jobs that go on, unless it was done not long ago.
func warmAgain() {
	slack.mu.Lock()
	defer slack.mu.Unlock()
	if slack.jobs > 0 && time.Since(slack.warmed) > warmFor {
		warm()
	}
}

// freeHeap is how many bytes the process has for its heap that nothing uses.
func freeHeap() int64 { return reading("/memory/classes/heap/free:bytes") }

// warm has the system give the process that much now, for the heap to grow into. It is
// called with mu held.
func warm() {
	pieces := make([][]byte, 0, slack.warmth/piece)
	for range cap(pieces) {
		p := make([]byte, piece)
		for i := 0; i < len(p); i += page {
			p[i] = 1
		}
		pieces = append(pieces, p)
	}
	clear(pieces)
	slack.warmed = time.Now()
}
