package dashboard

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// page makes the page of metrics. Requests that come while a page waits to be made share
// it, so that their number does not matter; a page is made after all of its requests
// came, so that none gets older figures than those of its own time.
type page struct {
	write func(io.Writer)
	pace  *pace

	mu   sync.Mutex
	next *rendering // has not begun; nil: none was asked for

	making chan struct{} // holds one while a page is made
}

func newPage(write func(io.Writer), pace *pace) *page {
	return &page{write: write, pace: pace, making: make(chan struct{}, 1)}
}

type rendering struct {
	done chan struct{}
	text []byte
}

// get returns a page made after the call.
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
	_ = p.pace.wait(context.Background()) // it is at most one page's time
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
