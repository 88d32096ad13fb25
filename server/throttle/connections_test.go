package throttle

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener that is given its connections.
type pipes struct{ conns chan net.Conn }

func (p *pipes) Accept() (net.Conn, error) { return <-p.conns, nil }
func (*pipes) Close() error                { return nil }
func (*pipes) Addr() net.Addr              { return &net.TCPAddr{} }

// A connection is replaced only while none of its requests is being answered: with HTTP/2, which
// is under TLS, it may have several at once.
func TestAConnectionWithARequestIsNotReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipes{conns: make(chan net.Conn, 3)}
		l := Connections(p, 1)
		accepted := make(chan net.Conn)
		accept := func() {
			server, _ := net.Pipe()
			p.conns <- server
			go func() {
				c, err := l.Accept()
				if err != nil {
					t.Error(err)
				}
				accepted <- c
			}()
		}
		accept()
		first := <-accepted
		ctx := WithConnection(t.Context(), tls.Server(first, &tls.Config{}))

		answers := make(chan struct{})
		h := Occupying(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-answers }))
		ended := make(chan struct{}, 2)
		for range 2 {
			go func() {
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(ctx))
				ended <- struct{}{}
			}()
		}
		synctest.Wait()
		accept()
		time.Sleep(time.Minute) // on the fake clock
		answers <- struct{}{}
		<-ended
		time.Sleep(time.Minute)
		select {
		case <-accepted:
			t.Error("the connection was replaced while it had a request")
		default:
		}
		answers <- struct{}{}
		<-ended
		if second := <-accepted; second == nil {
			t.Error("no connection after the first one's requests were answered")
		}
	})
}

func TestARequestWithoutAConnectionOfTheListIsAnswered(t *testing.T) {
	for name, ctx := range map[string]context.Context{"none": t.Context(), "another": WithConnection(t.Context(), &net.TCPConn{})} {
		w := httptest.NewRecorder()
		Occupying(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil).WithContext(ctx))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}
