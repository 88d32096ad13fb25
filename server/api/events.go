package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"parallax/server/access"
	"parallax/server/resource"
	"parallax/server/throttle"
)

const (
	// commentEvery is how often a comment is sent on a quiet stream, so that neither side
	// takes it for broken.
	commentEvery = 15 * time.Second
	// retryAfter is after how long a client connects again.
	retryAfter = 2 * time.Second
	// streamWithin limits the time of a stream: the client connects again, which checks its
	// token again.
	streamWithin = 15 * time.Minute
)

// events serves GET /v1/events: server-sent events. A client that connects again sends the ID of
// the last event that it has seen.
func (a *API) events(w http.ResponseWriter, r *http.Request) {
	if err := checkQuery(r, []string{"after"}); err != nil {
		a.fail(w, r, err)
		return
	}
	after := r.Header.Get("Last-Event-ID")
	if after == "" {
		after = r.URL.Query().Get("after")
	}
	release, ok := a.streams.Take()
	if !ok {
		a.fail(w, r, resource.NewProblem(http.StatusTooManyRequests, "too many streams", "as many clients as may be listen to events", "try again later"))
		return
	}
	defer release()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	list, err := a.Service.Events(ctx, after)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s := &stream{w: w, connection: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // for proxies
	s.send("retry: %d\n\n", retryAfter.Milliseconds())
	comment := time.NewTicker(commentEvery)
	defer comment.Stop()
	end := time.NewTimer(streamWithin)
	defer end.Stop()
	for s.err == nil {
		select {
		case e, ok := <-list:
			if !ok {
				return
			}
			s.event(e)
		case <-comment.C:
			s.send(": \n\n")
		case <-end.C:
			return
		case <-access.Closing(r.Context()):
			return
		case <-ctx.Done():
			return
		}
	}
}

// stream writes server-sent events. After the first error, which means that the client has
// disconnected or reads too slowly, it writes nothing.
type stream struct {
	w          http.ResponseWriter
	connection *http.ResponseController
	err        error
}

func (s *stream) event(e resource.Event) {
	var data bytes.Buffer
	if s.err = json.NewEncoder(&data).Encode(e); s.err != nil {
		return
	}
	id := ""
	if e.ID != "" {
		id = "id: " + oneWord(e.ID) + "\n"
	}
	s.send("%sevent: %s\ndata: %s\n\n", id, oneWord(e.Kind), bytes.TrimSpace(data.Bytes()))
}

// oneWord removes what would end a field.
func oneWord(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' {
			return -1
		}
		return c
	}, text)
}

func (s *stream) send(format string, args ...any) {
	if s.err != nil {
		return
	}
	throttle.LimitWriting(s.w, writeWithin)
	if _, s.err = fmt.Fprintf(s.w, format, args...); s.err == nil {
		s.err = s.connection.Flush()
	}
}
