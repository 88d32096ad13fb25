package dashboard

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// page renders the metrics. Requests that arrive while a page waits to be rendered share
// it, so that the cost does not depend on their number. A page is rendered after all of its
// requests arrived, so that none gets outdated figures.
type page struct {
	write func(io.Writer)
	pace  *pace

	mu   sync.Mutex
	next *rendering // not started yet; nil if none was requested

	making chan struct{} // a lock held while a page is rendered
}

func newPage(write func(io.Writer), pace *pace) *page {
	return &page{write: write, pace: pace, making: make(chan struct{}, 1)}
}

type rendering struct {
	done chan struct{}
	text []byte
}

// get returns a page rendered after the call.
func (p *page) get(ctx context.Context) ([]byte, error) {
	p.mu.Lock()
	r := p.next
	if r == nil {
		r = &rendering{done: make(chan struct{})}
		p.next = r
		go p.render(r)
	}
	p.mu.Unlock()
	select {
	case <-r.done:
		return r.text, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *page) render(r *rendering) {
	_ = p.pace.wait(context.Background()) // waits at most for one page
	p.making <- struct{}{}
	defer func() { <-p.making }()
	p.mu.Lock()
	p.next = nil
	p.mu.Unlock()
	var text bytes.Buffer
	p.write(&text)
	r.text = text.Bytes()
	close(r.done)
}
