package host

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

const (
	// HeapSlack is how many bytes of garbage a job may have before it is collected,
	// where its live heap is small. A collection slows the control down while it runs,
	// whichever path made the garbage, and with Go's default a job with 30 MB of state has
	// one for each 30 MB of garbage.
	HeapSlack = 256 << 20
	// slackShare and slackOfV2 are the divisors that limit the slack: of the memory that
	// the process may use, and of v2.memory. The candidate's memory is known only after a
	// collection.
	slackShare = 8
	slackOfV2  = 4
)

// slack gives the collector its pace while jobs run in this process.
var slack struct {
	mu     sync.Mutex
	jobs   int
	before int // the percentage without jobs
	now    int
	// watched says that a finalizer reports the next collection.
	watched bool
	bytes   int64
	// warmth is how many bytes the heap is to have at hand beside what lives, 0 where
	// none are wanted, and warmed when they were last requested from the system.
	warmth int64
	warmed time.Time
}

// TakeSlack lets the heap grow by HeapSlack between two collections, if it would
// otherwise by less, until release is called; by less where v2.memory, in bytes, or
// the process's control group allows little. A Runner does so for as long as it
// runs. A caller that runs several in turn may hold it over all of them, so that the memory
// of one is not given back to the system before the next one. Nothing changes in a process
// with GOGC set: the user has decided.
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
	case bytes < slack.bytes: // the least of them counts, until the last one is over
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

// slackWithin is the slack of a process that may hold so many bytes, 0 for any
// number, with a V2 that may hold v2Memory.
func slackWithin(limit, v2Memory int64) int64 { return atMost(limit, v2Memory/slackOfV2) }

// atMost is bytes, but no more than HeapSlack or the part of a limit that may be
// spare; 0 is no limit.
func atMost(limit, bytes int64) int64 {
	bytes = min(HeapSlack, bytes)
	if limit > 0 {
		bytes = min(bytes, limit/slackShare)
	}
	return bytes
}

// percentFor is by what part of the live heap, in percent, the heap may grow: by
// the slack, and by no less than without it.
func percentFor(live, bytes int64) int {
	const usual, least = 100, 4 << 20 // what Go begins with
	return int(max(usual, bytes*100/max(live, least)))
}

// collected is garbage from the start: its finalizer runs once after each
// collection.
type collected struct{ _ *byte }

// afterEachCollection keeps the percentage right, as long as there are jobs. It is
// called with mu held.
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
