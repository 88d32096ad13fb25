package dashboard

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a listener of in-memory pipes, for tests with a fake clock.
type memory struct {
	conns chan net.Conn
	open  atomic.Int64
	most  atomic.Int64
}

type counted struct {
	net.Conn
	list   *memory
	closed atomic.Bool
}

func (c *counted) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.list.open.Add(-1)
	}
	return c.Conn.Close()
}

func (m *memory) Accept() (net.Conn, error) {
	c, ok := <-m.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return &counted{Conn: c, list: m}, nil
}

func (m *memory) Close() error   { close(m.conns); return nil }
func (m *memory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// dial connects a client; it waits until the server accepts the connection.
func (m *memory) dial() net.Conn {
	client, server := net.Pipe()
	m.conns <- server
	return client
}

func (m *memory) ask(path string) (string, error) {
	c := m.dial()
	defer c.Close()
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path); err != nil {
		return "", err
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// countConnections counts those that the server has open at once.
func countConnections(m *memory) func(net.Conn, http.ConnState) {
	return func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			n := m.open.Add(1)
			m.most.Store(max(m.most.Load(), n))
		}
	}
}

// Clients that send part of a request, or nothing, or do not read the answer use all
// connections. Metrics are answered nevertheless, and the number of connections stays
// limited.
func TestMetricsAreAnsweredWhileSlowClientsTakeAllConnections(t *testing.T) {
	for name, begin := range map[string]string{
		"nothing is sent":     "",
		"part of a request":   "GET /metrics HTTP/1.1\r\nHost:",
		"answers are unread":  "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"profiles are unread": "GET /debug/pprof/cmdline HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"a body never comes":  "POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memory{conns: make(chan net.Conn, 1000)}
				srv := newServer(m, Sources{Metrics: func(w io.Writer) { fmt.Fprintln(w, "parallax_records_total 7") }, Ready: func() error { return nil }})
				srv.http.ConnState = countConnections(m)
				srv.start(m)
				for range 5 * connectionsMost {
					c := m.dial()
					go func() {
						// Bytes that the server does not read are never sent.
						_, _ = io.WriteString(c, begin)
					}()
				}
				body, err := m.ask("/metrics")
				if err != nil || !strings.Contains(body, "parallax_records_total 7") {
					t.Errorf("/metrics: %q, %v", body, err)
				}
				if n := m.most.Load(); n == 0 || n > connectionsMost {
					t.Errorf("%d connections were open at once, want 1 to %d", n, connectionsMost)
				}
				if err := srv.http.Close(); err != nil {
					t.Error(err)
				}
				<-srv.done
			})
		})
	}
}

// A client that arrives while all connections are in use is served as soon as one answer is
// finished.
func TestAConnectionThatIsBeingAnsweredKeepsItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{conns: make(chan net.Conn, 1000)}
		release := make(chan struct{})
		srv := newServer(m, Sources{Metrics: func(io.Writer) { <-release }, Ready: func() error { return nil }})
		srv.start(m)
		answers := make(chan error, connectionsMost)
		for range connectionsMost {
			go func() {
				_, err := m.ask("/metrics")
				answers <- err
			}()
		}
		time.Sleep(time.Minute) // on the fake clock
		next := make(chan error, 1)
		go func() {
			_, err := m.ask("/healthz")
			next <- err
		}()
		synctest.Wait()
		if len(answers) > 0 || len(next) > 0 {
			t.Errorf("%d of the first and %d of the others have ended", len(answers), len(next))
		}
		close(release)
		for range connectionsMost {
			if err := <-answers; err != nil {
				t.Error(err)
			}
		}
		if err := <-next; err != nil {
			t.Error(err)
		}
		if err := srv.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// If other machines can reach the server, no request header enables profiles.
func TestNoHeaderOfARequestOpensProfiles(t *testing.T) {
	m := &elsewhere{memory{conns: make(chan net.Conn, 10)}}
	srv := newServer(m, Sources{Metrics: func(io.Writer) {}, Ready: func() error { return nil }})
	srv.start(m)
	defer srv.Close(t.Context())
	c := m.dial()
	defer c.Close()
	go fmt.Fprint(c, "GET /debug/pprof/cmdline HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 127.0.0.1\r\nForwarded: for=127.0.0.1;host=localhost\r\nX-Real-IP: 127.0.0.1\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("profiles: %s, want 404", resp.Status)
	}
}

// elsewhere is a listener that other machines can reach.
type elsewhere struct{ memory }

func (*elsewhere) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4zero, Port: 8080} }

func TestAnAddressThatOthersReachIsWarnedOf(t *testing.T) {
	for addr, warned := range map[string]bool{"127.0.0.1:1": false, "[::1]:1": false, "127.1.2.3:1": false, "0.0.0.0:1": true, "[::]:1": true, "10.0.0.1:1": true} {
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		w := (&Server{addr: tcp}).Warning()
		if (w != "") != warned {
			t.Errorf("%s: the warning is %q", addr, w)
		}
		if warned && !strings.Contains(w, "set listen to 127.0.0.1") {
			t.Errorf("%s: the warning does not say what to do: %q", addr, w)
		}
	}
}
