package throttle

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// grace is how long a connection may take to send a request, or stay idle, before it
// can be closed for a new connection.
const grace = 250 * time.Millisecond

// connections is a listener that limits the number of open connections. If the limit is
// reached, a new client replaces the connection that has been without a request for the
// longest time, at least grace. So clients that send slowly, or nothing, cannot keep others
// out. Connections whose requests are being answered are not replaced; the handlers'
// deadlines end them.
type connections struct {
	net.Listener
	places chan struct{} // a semaphore; each open connection holds a slot
	closed chan struct{}
	close  sync.Once

	mu      sync.Mutex
	waiting map[*connection]time.Time // since when they have had no request; open ones only
}

// Connections returns a listener that has at most so many connections open at once. The
// server's ConnContext is WithConnection, and its handler is in Occupying.
func Connections(l net.Listener, most int) net.Listener {
	return &connections{
		Listener: l, places: make(chan struct{}, most), closed: make(chan struct{}),
		waiting: map[*connection]time.Time{},
	}
}

// connection is a connection that holds a slot.
type connection struct {
	net.Conn
	list      *connections
	closed    bool // under list.mu, as is answering: HTTP/2 has several requests at once
	answering int
}

func (l *connections) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	for {
		select {
		case l.places <- struct{}{}:
			c := &connection{Conn: accepted, list: l}
			l.wait(c)
			return c, nil
		default:
		}
		retry := time.NewTimer(l.makeRoom())
		select {
		case l.places <- struct{}{}:
			<-l.places // the next iteration takes the slot
		case <-retry.C:
		case <-l.closed:
			_ = accepted.Close() // nothing was read from it
			return nil, net.ErrClosed
		}
		retry.Stop()
	}
}

func (l *connections) Close() error {
	l.close.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// makeRoom closes the connection that has waited longest for a request, if that is
// longer than its grace, and returns when to try again.
func (l *connections) makeRoom() time.Duration {
	l.mu.Lock()
	var oldest *connection
	var since time.Time
	for c, t := range l.waiting {
		if oldest == nil || t.Before(since) {
			oldest, since = c, t
		}
	}
	l.mu.Unlock()
	if oldest == nil {
		return grace
	}
	if left := grace - time.Since(since); left > 0 {
		return left
	}
	_ = oldest.Close() // its client is not answered anyway
	return 0
}

// wait notes that a connection has no request to answer from now on.
func (l *connections) wait(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !c.closed {
		l.waiting[c] = time.Now()
	}
}

// begin notes that a connection has a request to answer, end that it has been answered.
func (l *connections) begin(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.answering++
	delete(l.waiting, c)
}

func (l *connections) end(c *connection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.answering--; c.answering == 0 && !c.closed {
		l.waiting[c] = time.Now()
	}
}

// Close frees the slot.
func (c *connection) Close() error {
	c.list.mu.Lock()
	first := !c.closed
	c.closed = true
	delete(c.list.waiting, c)
	c.list.mu.Unlock()
	if first {
		<-c.list.places
	}
	return c.Conn.Close()
}

type connectionKey struct{}

// WithConnection lets handlers find the connection that they answer.
func WithConnection(ctx context.Context, c net.Conn) context.Context {
	if encrypted, ok := c.(*tls.Conn); ok {
		c = encrypted.NetConn()
	}
	return context.WithValue(ctx, connectionKey{}, c)
}

// Occupying protects a connection while h answers its request.
func Occupying(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, ok := r.Context().Value(connectionKey{}).(*connection); ok {
			c.list.begin(c)
			defer c.list.end(c)
		}
		h.ServeHTTP(w, r)
	})
}
