package access

import (
	"io"
	"net/http"
	"time"

	"parallax/server/throttle"
)

const (
	// requestsASecond limits the answered requests in a second of known callers, and of
	// unknown ones. Further ones wait, because V1 needs the CPU.
	requestsASecond = 250
	// readMost is how long a client may take to send a request's body.
	readMost = 15 * time.Second
	// writeMost is how long a client may take to read an answer, if its handler does not
	// allow more time.
	writeMost = 10 * time.Second
)

// timed limits the time for sending a request's body and for reading the answer.
func timed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		throttle.LimitWriting(w, writeMost)
		if r.ContentLength != 0 {
			c := http.NewResponseController(w)
			_ = c.SetReadDeadline(time.Now().Add(readMost)) // tests have connections without deadlines
			r.Body = &timedBody{r.Body, c}
		}
		h.ServeHTTP(w, r)
	})
}

// timedBody removes the deadline at its end: a handler may take longer to answer, and the server
// reads on meanwhile, to notice that the client disconnects.
type timedBody struct {
	io.ReadCloser
	connection *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF {
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}

// paced limits the requests in a second. Unknown callers, however many, do not slow down those
// that are known.
func paced(h http.Handler) http.Handler {
	known := throttle.NewPace(requestsASecond).Handler(h)
	unknown := throttle.NewPace(requestsASecond).Handler(h)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if CallerOf(r.Context()).IsKnown {
			known.ServeHTTP(w, r)
			return
		}
		unknown.ServeHTTP(w, r)
	})
}
