package throttle

import (
	"bytes"
	"context"
	"io"
	"sync"
)

// Page renders a page, such as the metrics. Requests that arrive while a page waits to be rendered share
// it, so that the cost does not depend on their number. A page is rendered after all of its
// requests arrived, so that none gets outdated figures.
type Page struct {
	write func(io.Writer)
	pace  *Pace

	mu   sync.Mutex
	next *rendering // not started yet; nil if none was requested

	making chan struct{} // a lock held while a page is rendered
}

// NewPage returns a page that write writes, rendered at a pace.
func NewPage(write func(io.Writer), pace *Pace) *Page {
	return &Page{write: write, pace: pace, making: make(chan struct{}, 1)}
}

type rendering struct {
	done chan struct{}
	text []byte
}

// Get returns a page rendered after the call.
func (p *Page) Get(ctx context.Context) ([]byte, error) {
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

func (p *Page) render(r *rendering) {
	_ = p.pace.Wait(context.Background()) // waits at most for one page
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
