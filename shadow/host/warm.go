package host

import "time"

const (
	// piece is how much memory is asked for at a time, in bytes: little enough to fit
	// into the gaps of a heap that is in use.
	piece = 64 << 10
	page  = 4 << 10
	// warmFor is the shortest time that touched memory stays with the process. Go returns
	// memory that was unused between two collections, and there is a collection at least
	// every two minutes.
	warmFor = time.Minute
)

// StayWarm keeps free memory available while there are jobs: as much as V2 may use, but at
// most HeapSlack and the allowed part of the control group's limit. The first write to a
// page takes 1 to 10 µs, more on a virtual machine, and V1 writes the records that wait for
// a V2 that has fallen behind: with new pages, one second of such input costs V1 half a
// second.
func StayWarm(v2Memory int64) {
	slack.mu.Lock()
	defer slack.mu.Unlock()
	slack.warmth = atMost(MemoryLimit(), v2Memory)
	if freeHeap() < slack.warmth {
		warm()
	}
}

// warmAgain renews the free memory for running jobs, unless that was done recently.
func warmAgain() {
	slack.mu.Lock()
	defer slack.mu.Unlock()
	if slack.jobs > 0 && time.Since(slack.warmed) > warmFor {
		warm()
	}
}

// freeHeap is how many bytes the process has for its heap that nothing uses.
func freeHeap() int64 { return reading("/memory/classes/heap/free:bytes") }

// warm requests the memory from the system, for the heap to grow into. Call it with mu
// held.
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
