package job

import (
	"sync"
	"time"

	"parallax/shadow/evidence"
	"parallax/shadow/stage"
)

// interruptions marks the spans of evidence before which the job went back, or V1's rows were
// emitted because V2 was late: the clean stretch begins there. The zero value marks none. It is
// safe for concurrent use.
type interruptions struct {
	mu sync.Mutex
	// back are the changes back of which no span is marked yet.
	back []stage.Change
	// fallbacks are the beginnings of the fallback episodes of which no span is marked yet, seen
	// the newest that is known.
	fallbacks []time.Time
	seen      time.Time
}

// add takes a change of stage.
func (i *interruptions) add(c stage.Change) {
	if !c.IsBack() {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.back = append(i.back, c)
}

// watch takes the fallback episodes of a stage.
func (i *interruptions) watch(e stage.Emission) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, at := range e.FallbackTimes {
		if at.After(i.seen) {
			i.fallbacks, i.seen = append(i.fallbacks, at), at
		}
	}
}

// mark marks a span. A span that began before the job went back holds what was found before, so
// the next one is marked.
func (i *interruptions) mark(s *evidence.Span) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for len(i.back) > 0 && i.back[0].Position <= s.From {
		c := i.back[0]
		s.Rollback = "from " + c.From.String() + " to " + c.To.String() + ": " + c.Why
		i.back = i.back[1:]
	}
	for len(i.fallbacks) > 0 && !i.fallbacks[0].After(s.Wall[1]) {
		s.Fallback = "V1's rows were emitted, because V2 was late"
		i.fallbacks = i.fallbacks[1:]
	}
}
