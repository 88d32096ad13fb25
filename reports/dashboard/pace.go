package dashboard

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// requestsASecond limits the answered requests in a second. Further ones wait, because
	// V1 needs the CPU.
	requestsASecond = 250
	// pagesASecond limits how many pages of metrics are rendered in a second, for all
	// clients together.
	pagesASecond = 20
	// writeMost limits how long a client may take to read an answer.
	writeMost = 5 * time.Second
	// longMost are how many profiles and rescalings may be under way at once.
	longMost = 4
)

// pace is a rate limiter: it lets a number of requests per second pass, in order. After a
// quiet second, that many may pass at once.
type pace struct {
	every time.Duration
	burst time.Duration

	mu   sync.Mutex
	next time.Time
}

func newPace(aSecond int) *pace {
	return &pace{every: time.Second / time.Duration(aSecond), burst: time.Second}
}

// wait returns when it is the caller's turn, or ctx's error if that ends first.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	now := time.Now()
	if oldest := now.Add(-p.burst); p.next.Before(oldest) {
		p.next = oldest
	}
	turn := p.next
	p.next = turn.Add(p.every)
	p.mu.Unlock()
	if !turn.After(now) {
		return ctx.Err()
	}
	timer := time.NewTimer(turn.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// paced lets h answer at p's pace.
func paced(p *pace, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.wait(r.Context()) == nil { // otherwise the client has disconnected
			limitWriting(w, writeMost)
			h.ServeHTTP(w, r)
		}
	})
}

// limitWriting sets a deadline for the client to read the answer.
func limitWriting(w http.ResponseWriter, most time.Duration) {
	// A connection that has no deadlines, as in tests, has no slow clients.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(most))
}

// slow limits slow handlers to longMost at once, so that a connection remains for metrics.
func slow(places chan struct{}, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
		default:
			http.Error(w, "too many profile or rescale requests are in progress: try again later", http.StatusServiceUnavailable)
			return
		}
		limitWriting(w, slowMost)
		h.ServeHTTP(w, r)
	})
}

// slowMost limits the time of a profile or a rescaling.
const slowMost = 10 * time.Minute
