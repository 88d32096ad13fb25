package host

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// HeapSlack is how much garbage, in bytes, a job with a small live heap may have before
	// a collection. A collection slows the control down while it runs, whichever path made
	// the garbage, and with Go's default a job with 30 MB of state has one for each 30 MB
	// of garbage.
	HeapSlack = 256 << 20
	// slackShare and slackOfV2 are the divisors that limit the slack: to a part of the
	// process's memory limit, and to a part of v2.memory, because the candidate's memory is
	// known only after a collection.
	slackShare = 8
	slackOfV2  = 4
)

// slack sets the pace of the collector while jobs run in this process.
var slack struct {
	mu     sync.Mutex
	jobs   int
	before int // the percentage without jobs
	now    int
	// watched: a finalizer reports the next collection.
	watched bool
	bytes   int64
	// warmth is how much free memory the heap should have, in bytes, 0 for none; warmed is
	// when it was last requested from the system.
	warmth int64
	warmed time.Time
}

// TakeSlack lets the heap grow by at least HeapSlack between two collections, until release
// is called. If v2.memory, in bytes, or the limit of the process's control group is small,
// it is less. A Runner does so while it runs. A caller that runs several in turn can hold
// it over all of them, so that the memory of one is not returned to the system before the
// next one. It changes nothing if GOGC is set.
func TakeSlack(v2Memory int64) (release func()) {
	if _, set := os.LookupEnv("GOGC"); set {
		return func() {}
	}
	slack.mu.Lock()
	defer slack.mu.Unlock()
	bytes := slackWithin(MemoryLimit(), v2Memory)
	slack.jobs++
	switch {
	case slack.jobs == 1:
		slack.bytes = bytes
		slack.now = percentFor(LiveHeap(), bytes)
		slack.before = debug.SetGCPercent(slack.now)
		afterEachCollection()
	case bytes < slack.bytes: // the smallest one applies until the last job ends
		slack.bytes = bytes
		slack.now = percentFor(LiveHeap(), bytes)
		debug.SetGCPercent(slack.now)
	}
	return func() {
		slack.mu.Lock()
		defer slack.mu.Unlock()
		if slack.jobs--; slack.jobs == 0 {
			debug.SetGCPercent(slack.before)
		}
	}
}

// slackWithin is the slack of a process with a memory limit, 0 for none, and a V2 that may
// use v2Memory bytes.
func slackWithin(limit, v2Memory int64) int64 { return atMost(limit, v2Memory/slackOfV2) }

// atMost limits bytes to HeapSlack and to the allowed part of a limit; a limit of 0 is
// none.
func atMost(limit, bytes int64) int64 {
	bytes = min(HeapSlack, bytes)
	if limit > 0 {
		bytes = min(bytes, limit/slackShare)
	}
	return bytes
}

// percentFor is the GOGC percentage with which a heap with live bytes grows by the slack,
// or by Go's default if that is more.
func percentFor(live, bytes int64) int {
	const usual, least = 100, 4 << 20 // Go's initial values
	return int(max(usual, bytes*100/max(live, least)))
}

// collected is garbage from the start: its finalizer runs once after each
// collection.
type collected struct{ _ *byte }

// afterEachCollection adjusts the percentage after each collection while there are jobs.
// Call it with mu held.
func afterEachCollection() {
	if slack.watched {
		return
	}
	slack.watched = true
	runtime.SetFinalizer(new(collected), func(*collected) {
		slack.mu.Lock()
		defer slack.mu.Unlock()
		slack.watched = false
		if slack.jobs == 0 {
			slack.warmth = 0
			return
		}
		// Setting it stops the world for a moment, so small changes are let be.
		if p := percentFor(LiveHeap(), slack.bytes); p > slack.now+slack.now/4 || p < slack.now-slack.now/4 {
			slack.now = p
			debug.SetGCPercent(p)
		}
		if slack.warmth > 0 && time.Since(slack.warmed) > warmFor {
			go warmAgain()
		}
		afterEachCollection()
	})
}
