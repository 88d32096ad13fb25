package access

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener of in-memory connections, for tests with a fake clock.
type pipes struct {
	conns chan net.Conn
	close chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn, 10_000), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.close:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { close(p.close); return nil }
func (*pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// serveSlow serves a handler that reads the body and answers a lot.
func serveSlow(t *testing.T) (*pipes, *Server) {
	t.Helper()
	p := newPipes()
	s := newServer(p, &Guard{isLoopback: true}, nil, slog.New(slog.DiscardHandler))
	s.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "the body did not come", http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 1<<20))
	}))
	return p, s
}

func closeNow(t *testing.T, s *Server) {
	t.Helper()
	_ = s.http.Close()
	<-s.done
}

// Each of the four time-outs ends a client that is slow in its own way.
func TestSlowClientsAreEnded(t *testing.T) {
	for name, c := range map[string]struct {
		sent   string
		within time.Duration
		reads  bool
	}{
		"nothing is sent":           {"", 6 * time.Second, true},
		"headers do not end":        {"GET / HTTP/1.1\r\nHost: localhost\r\nX-A:", 6 * time.Second, true},
		"the body does not come":    {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx", readMost + time.Second, true},
		"the answer is not read":    {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", writeMost + time.Second, false},
		"no second request follows": {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", time.Minute + time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, s := serveSlow(t)
				conn := p.dial()
				begun := time.Now()
				if c.sent != "" {
					if _, err := io.WriteString(conn, c.sent); err != nil {
						t.Fatal(err)
					}
				}
				if !c.reads {
					time.Sleep(writeMost + time.Second) // on the fake clock
				}
				_, _ = io.Copy(io.Discard, conn) // until the server ends the connection
				if lasted := time.Since(begun); lasted > c.within || lasted == 0 {
					t.Errorf("the connection lasted %v, want at most %v", lasted, c.within)
				}
				closeNow(t, s)
			})
		})
	}
}

// Slow clients take all connections, and another one is answered nevertheless.
func TestSlowClientsDoNotKeepOthersOut(t *testing.T) {
	for name, sent := range map[string]string{"nothing is sent": "", "part of the headers": "GET / HTTP/1.1\r\nHost:"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, s := serveSlow(t)
				for range 5 * connectionsMost {
					c := p.dial()
					go func() { _, _ = io.WriteString(c, sent) }()
				}
				begun := time.Now()
				c := p.dial()
				if _, err := fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				resp, err := http.ReadResponse(bufio.NewReader(c), nil)
				if err != nil || resp.StatusCode != http.StatusOK {
					t.Errorf("%v, %v", resp, err)
				}
				if waited := time.Since(begun); waited > time.Minute {
					t.Errorf("it waited %v", waited)
				}
				_ = c.Close()
				closeNow(t, s)
			})
		})
	}
}

// Unknown callers, however many, do not slow down those that are known.
func TestUnknownCallersHaveAPaceOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := paced(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		serve := func(known bool) {
			r, err := http.NewRequest("GET", "/", nil)
			if err != nil {
				t.Error(err)
				return
			}
			h.ServeHTTP(nil, r.WithContext(WithCaller(r.Context(), Caller{IsKnown: known})))
		}
		done := make(chan struct{}, 10*requestsASecond)
		for range cap(done) {
			go func() { serve(false); done <- struct{}{} }()
		}
		synctest.Wait()
		begun := time.Now()
		serve(true)
		if waited := time.Since(begun); waited > 0 {
			t.Errorf("a known caller waited %v", waited)
		}
		for range cap(done) {
			<-done
		}
		if took := time.Since(begun); took < 8*time.Second {
			t.Errorf("%d unknown callers were answered in %v", cap(done), took)
		}
	})
}
