package throttle

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Pace is a rate limiter. It lets a number of requests per second pass, in order. After a
// quiet second, that many may pass at once.
type Pace struct {
	every time.Duration
	burst time.Duration

	mu   sync.Mutex
	next time.Time
}

// NewPace returns a rate limiter for a number of requests per second.
func NewPace(aSecond int) *Pace {
	return &Pace{every: time.Second / time.Duration(aSecond), burst: time.Second}
}

// Wait returns when it is the caller's turn, or ctx's error if that ends first.
func (p *Pace) Wait(ctx context.Context) error {
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

// Handler lets h answer at p's pace.
func (p *Pace) Handler(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.Wait(r.Context()) == nil { // otherwise the client has disconnected
			h.ServeHTTP(w, r)
		}
	})
}

// LimitWriting sets a deadline for the client to read the answer.
func LimitWriting(w http.ResponseWriter, most time.Duration) {
	// A connection that has no deadlines, as in tests, has no slow clients.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(most))
}
