package dashboard

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// requestsASecond are how many requests are answered in a second. The others wait:
	// V1 needs the CPU.
	requestsASecond = 250
	// pagesASecond are how many pages of metrics are made in a second, for all that
	// ask.
	pagesASecond = 20
	// writeMost is how long a client may take to read an answer.
	writeMost = 5 * time.Second
	// longMost are how many profiles and rescalings may be under way at once.
	longMost = 4
)

// pace lets so many through a second, the others in turn. After a quiet second, as many
// may come at once.
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
		if p.wait(r.Context()) == nil { // else the client has gone
			limitWriting(w, writeMost)
			h.ServeHTTP(w, r)
		}
	})
}

// limitWriting gives the client most, from now on, to read an answer.
func limitWriting(w http.ResponseWriter, most time.Duration) {
	// A connection that has no deadlines, as in tests, has no slow clients.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(most))
}

// slow is for what takes long: longMost at once, so that a place remains for metrics.
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

// slowMost is the longest that a profile or a rescaling may take.
const slowMost = 10 * time.Minute
