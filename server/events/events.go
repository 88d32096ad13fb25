// Package events gives the events of a job server to its readers: each reader has a queue that
// is bounded, and one that is too slow, or asks for events that are no longer known, is told to
// read everything again.
//
// Stability: ours.
package events

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"
	"time"

	"parallax/server/resource"
)

const (
	// mostKept is how many events are kept for readers that come back.
	mostKept = 1024
	// mostQueued is how many events wait for a reader.
	mostQueued = 256
)

// Broker takes events and gives them to readers. It is safe for concurrent use.
type Broker struct {
	// epoch is part of each event's ID: those of another server mean nothing to this one.
	epoch string

	mu      sync.Mutex
	last    int64 // the number of the newest event
	kept    []resource.Event
	readers map[*reader]bool
}

type reader struct {
	events chan resource.Event
	// isOver: the queue was full, and is closed.
	isOver bool
}

// New returns a broker without events.
func New() *Broker {
	epoch := make([]byte, 4)
	_, _ = rand.Read(epoch) // never fails
	return &Broker{epoch: hex.EncodeToString(epoch), readers: map[*reader]bool{}}
}

// Publish gives an event to all readers. It never blocks. The event gets its ID, and its time
// if it has none.
func (b *Broker) Publish(e resource.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	e.ID = b.id(b.last)
	if e.At.IsZero() {
		e.At = time.Now().UTC()
	}
	b.kept = append(b.kept, e)
	if len(b.kept) > 2*mostKept {
		b.kept = append([]resource.Event(nil), b.kept[len(b.kept)-mostKept:]...)
	}
	for r := range b.readers {
		b.give(r, e)
	}
}

func (b *Broker) id(n int64) string { return b.epoch + "-" + strconv.FormatInt(n, 10) }

// give puts an event into a reader's queue; the last place is for the event that says that it
// was too slow. Called with mu held.
func (b *Broker) give(r *reader, e resource.Event) {
	if len(r.events) < cap(r.events)-1 {
		r.events <- e
		return
	}
	b.end(r)
}

// end ends a reader that must read everything again. Called with mu held.
func (b *Broker) end(r *reader) {
	r.events <- resource.Event{ID: b.id(b.last), Kind: "resync", At: time.Now().UTC()}
	r.isOver = true
	close(r.events)
	delete(b.readers, r)
}

// Subscribe returns the events after the one with the ID after, "" for those from now on,
// until ctx ends. The channel is closed then, and after an event of kind resync.
func (b *Broker) Subscribe(ctx context.Context, after string) <-chan resource.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := &reader{events: make(chan resource.Event, mostQueued)}
	missed, isKnown := b.since(after)
	if !isKnown || len(missed) >= mostQueued {
		b.end(r)
		return r.events
	}
	for _, e := range missed {
		r.events <- e
	}
	b.readers[r] = true
	context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if !r.isOver {
			r.isOver = true
			close(r.events)
			delete(b.readers, r)
		}
	})
	return r.events
}

// since returns the events after the one with an ID; false if they are not all known. Called
// with mu held.
func (b *Broker) since(after string) (events []resource.Event, isKnown bool) {
	if after == "" {
		return nil, true
	}
	epoch, number, _ := strings.Cut(after, "-")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || epoch != b.epoch || n > b.last || n < 0 {
		return nil, false
	}
	missed := b.last - n
	if missed > int64(len(b.kept)) {
		return nil, false
	}
	return b.kept[int64(len(b.kept))-missed:], true
}
