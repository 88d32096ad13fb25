package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/server/access"
	"parallax/server/resource/resourcetest"
)

// listener is a client of the event stream, connected by a pipe.
type listener struct {
	text *bufio.Reader
	end  context.CancelFunc
	done chan struct{}
}

// pipeWriter is a ResponseWriter whose body a test reads while it is written.
type pipeWriter struct {
	*httptest.ResponseRecorder
	to io.Writer
}

func (p *pipeWriter) Write(b []byte) (int, error) { return p.to.Write(b) }

// listen asks for events; lastID is "" for those from now on.
func listen(t *testing.T, a *API, lastID string) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequest("GET", "/v1/events", nil).WithContext(access.WithCaller(ctx, newClient(t).caller))
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	from, to := io.Pipe()
	l := &listener{text: bufio.NewReader(from), end: cancel, done: make(chan struct{})}
	w := &pipeWriter{httptest.NewRecorder(), to}
	go func() {
		defer close(l.done)
		a.ServeHTTP(w, r)
		_ = to.Close()
	}()
	context.AfterFunc(ctx, func() { _ = from.CloseWithError(errors.New("disconnected")) })
	if first := l.next(t); first != "retry: 2000" || w.Header().Get("Content-Type") != "text/event-stream" {
		t.Fatalf("the stream begins with %q, as %s", first, w.Header().Get("Content-Type"))
	}
	return l
}

// next returns what comes until an empty line; "" at the end.
func (l *listener) next(t *testing.T) string {
	t.Helper()
	var lines []string
	for {
		line, err := l.text.ReadString('\n')
		if err != nil {
			return strings.Join(lines, "\n")
		}
		if line == "\n" {
			return strings.Join(lines, "\n")
		}
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
}

func TestEventsAreStreamedAndContinued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := resourcetest.New()
		a := clientOf(t, s).api
		l := listen(t, a, "")
		s.Publish("job", "orders", "orders is running")
		want := "id: 1\nevent: job\ndata: " + `{"id":"1","kind":"job","job":"orders","text":"orders is running","at":"2026-11-29T14:20:00Z"}`
		if got := l.next(t); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		time.Sleep(commentEvery) // on the fake clock
		if got := l.next(t); got != ": " {
			t.Errorf("after %v of quiet: %q, want a comment", commentEvery, got)
		}
		l.end()
		<-l.done
		synctest.Wait()
		if n := s.Readers(); n > 0 {
			t.Errorf("%d readers after the client disconnected", n)
		}
		s.Publish("stage", "orders", "missed")
		s.Publish("audit", "", "missed, too")
		l = listen(t, a, "1")
		for _, id := range []string{"id: 2", "id: 3"} {
			if got := l.next(t); !strings.HasPrefix(got, id) {
				t.Errorf("continued with %q, want %s", got, id)
			}
		}
		l.end()
		<-l.done
	})
}

// A client that reads too slowly, or that was away for too long, is told to read everything again.
func TestAClientThatMissedEventsIsToldToResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := resourcetest.New()
		a := clientOf(t, s).api
		slow := listen(t, a, "")
		for i := range 1000 {
			s.Publish("job", "orders", fmt.Sprint(i))
		}
		last := ""
		for e := slow.next(t); e != ""; e = slow.next(t) {
			last = e
		}
		<-slow.done // the stream has ended
		if !strings.HasPrefix(last, "event: resync\n") {
			t.Errorf("the last event is %q", last)
		}
		late := listen(t, a, "1")
		if e := late.next(t); !strings.HasPrefix(e, "event: resync\n") {
			t.Errorf("999 events later: %q", e)
		}
		<-late.done
	})
}

// A stream ends after some time, so that the client's token is checked again.
func TestAStreamEndsAfterItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(t, newClient(t).api, "")
		begun := time.Now()
		for e := l.next(t); e != ""; e = l.next(t) {
		}
		<-l.done
		if lasted := time.Since(begun); lasted != streamWithin {
			t.Errorf("it ended after %v", lasted)
		}
	})
}

func TestThereIsALimitOfStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t)
		var all []*listener
		for range streamsMost {
			all = append(all, listen(t, c.api, ""))
		}
		if w := c.do("GET", "/v1/events", ""); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
			t.Errorf("one more: %d %s", w.Code, w.Body)
		}
		if w := c.do("GET", "/v1/jobs", ""); w.Code != http.StatusOK {
			t.Errorf("another request meanwhile: %d", w.Code)
		}
		for _, l := range all {
			l.end()
			<-l.done
		}
	})
}

// What an event has in it cannot end its line.
func TestAnEventIsOneLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := resourcetest.New()
		l := listen(t, clientOf(t, s).api, "")
		s.Publish("job\ndata: x", "a\r\n\r\nb", "c\n\nevent: resync")
		if got := l.next(t); strings.Count(got, "\n") != 2 || !strings.Contains(got, "event: jobdata: x\n") {
			t.Errorf("%q", got)
		}
		l.end()
		<-l.done
	})
}
