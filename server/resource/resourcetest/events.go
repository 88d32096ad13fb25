package resourcetest

import (
	"context"
	"strconv"

	"parallax/server/resource"
)

// mostWaiting is how many events wait for a reader before it has to read everything again.
const mostWaiting = 64

// events are all events, and who reads them; Service.mu guards both.
type events struct {
	all     []resource.Event
	readers map[chan resource.Event]bool
}

// Publish sends an event to all readers.
func (s *Service) Publish(kind, job, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.publish(kind, job, text)
}

// publish is Publish; the caller holds mu.
func (s *Service) publish(kind, job, text string) {
	e := resource.Event{ID: strconv.Itoa(len(s.events.all) + 1), Kind: kind, Job: job, Text: text, At: Now}
	s.events.all = append(s.events.all, e)
	for c := range s.events.readers {
		if len(c) == mostWaiting-1 {
			c <- resource.Event{Kind: "resync", At: Now}
			delete(s.events.readers, c)
			close(c)
			continue
		}
		c <- e
	}
}

func (s *Service) Events(ctx context.Context, after string) (<-chan resource.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return nil, s.failure
	}
	c := make(chan resource.Event, mostWaiting)
	if after != "" {
		from, err := strconv.Atoi(after)
		if err != nil || from < 0 || from > len(s.events.all) || len(s.events.all)-from >= mostWaiting-1 {
			c <- resource.Event{Kind: "resync", At: Now}
			close(c)
			return c, nil
		}
		for _, e := range s.events.all[from:] {
			c <- e
		}
	}
	if s.events.readers == nil {
		s.events.readers = map[chan resource.Event]bool{}
	}
	s.events.readers[c] = true
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.events.readers[c] {
			delete(s.events.readers, c)
			close(c)
		}
	})
	return c, nil
}

// Readers is how many readers of events there are.
func (s *Service) Readers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.events.readers)
}
