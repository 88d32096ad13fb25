package access

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"parallax/server/throttle"
)

// connectionsMost is how many connections are open at once.
const connectionsMost = 256

// Options say where a server listens, and who may call.
type Options struct {
	// Listen is the address: host:port; port 0 is a free one.
	Listen string
	// TokensFile has the tokens. Without one only programs on this machine may call.
	TokensFile string
	// CertFile and KeyFile are for TLS.
	CertFile, KeyFile string
	// Hosts are names by which browsers may call, besides localhost and IP addresses.
	Hosts []string
	// IsMonitored lets other machines connect although there are no tokens. Handlers answer
	// them what they answer to anyone: metrics, health and verdicts.
	IsMonitored bool
	Log         *slog.Logger
}

// Server serves on one address until Close.
type Server struct {
	http     *http.Server
	listener net.Listener
	guard    *Guard
	done     chan error
	// closing ends the streams, for which Shutdown would wait.
	closing context.CancelFunc
}

// Listen binds the address. Serve begins to answer.
func Listen(o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Guard{hosts: o.Hosts}
	var encryption *tls.Config
	if o.TokensFile != "" {
		var err error
		if g.tokens, err = OpenTokens(o.TokensFile, o.Log); err != nil {
			return nil, err
		}
	}
	if o.CertFile != "" || o.KeyFile != "" {
		c, err := loadCertificate(o.CertFile, o.KeyFile, o.Log)
		if err != nil {
			return nil, err
		}
		encryption, g.isTLS = c.config(), true
	}
	addr, err := resolve(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	g.isLoopback = addr.IP.IsLoopback()
	if !g.isLoopback && g.tokens == nil && !o.IsMonitored {
		return nil, fmt.Errorf("listen: other machines can reach %s, and the server has no tokens: listen on 127.0.0.1:%d, "+
			"or make a token by `parallax token new --role deploy --file FILE` and set --tokens FILE", o.Listen, addr.Port)
	}
	l, err := net.ListenTCP("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w (another process may have the port; choose another one)", err)
	}
	return newServer(l, g, encryption, o.Log), nil
}

func newServer(l net.Listener, g *Guard, encryption *tls.Config, log *slog.Logger) *Server {
	closed, closing := context.WithCancel(context.Background())
	ctx := context.WithValue(context.Background(), closingKey{}, closed.Done())
	s := &Server{listener: l, guard: g, done: make(chan error, 1), closing: closing}
	s.http = &http.Server{
		TLSConfig:         encryption,
		ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		DisableGeneralOptionsHandler: true, // the guard answers OPTIONS * as well
		HTTP2:                        &http.HTTP2Config{MaxConcurrentStreams: 64},
		ConnContext:                  throttle.WithConnection,
		BaseContext:                  func(net.Listener) context.Context { return ctx },
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelDebug), // such as clients that end a handshake
	}
	return s
}

type closingKey struct{}

// Closing returns a channel that is closed when the server of a request begins to close. Streams
// end then: Close waits for other requests only. It is nil for a request that has no Server.
func Closing(ctx context.Context) <-chan struct{} {
	closing, _ := ctx.Value(closingKey{}).(<-chan struct{})
	return closing
}

// CheckAddress checks a listen address: a host, which may be empty for all addresses of
// this machine, and a port, 0 for a free one.
func CheckAddress(addr string) error {
	if _, port, err := net.SplitHostPort(addr); err == nil {
		if n, err := strconv.Atoi(port); err == nil && n >= 0 && n < 1<<16 {
			return nil
		}
	}
	return fmt.Errorf("%q is not an address to listen on; write host:port, such as 127.0.0.1:8080", addr)
}

func resolve(addr string) (*net.TCPAddr, error) {
	if err := CheckAddress(addr); err != nil {
		return nil, err
	}
	return net.ResolveTCPAddr("tcp", addr)
}

// Guard is who may call this server.
func (s *Server) Guard() *Guard { return s.guard }

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// URL is the address for browsers.
func (s *Server) URL() string {
	if s.guard.isTLS {
		return "https://" + s.Addr().String()
	}
	return "http://" + s.Addr().String()
}

// Warning returns a warning if secrets could be read on their way, or if other machines can read
// from a server without tokens; "" if neither.
func (s *Server) Warning() string {
	switch {
	case s.guard.isLoopback:
		return ""
	case s.guard.tokens == nil:
		return fmt.Sprintf("listen: other machines can reach %s, which has neither tokens nor TLS, and read metrics and the verdict: "+
			"set listen to 127.0.0.1 and a port, or let a firewall admit only the machines that read the metrics", s.Addr())
	case !s.guard.isTLS:
		return fmt.Sprintf("listen: other machines can reach %s, and tokens are sent without TLS: "+
			"set --tls-cert and --tls-key, or let a proxy in front of it speak TLS", s.Addr())
	}
	return ""
}

// Serve lets h answer requests from now on, each by a known or an unknown caller.
func (s *Server) Serve(h http.Handler) {
	s.http.Handler = throttle.Occupying(timed(s.guard.identified(paced(admitted(h)))))
	l := throttle.Connections(s.listener, connectionsMost)
	go func() {
		if s.http.TLSConfig != nil {
			s.done <- s.http.ServeTLS(l, "", "")
			return
		}
		s.done <- s.http.Serve(l)
	}()
}

// Close ends the server; requests under way get until ctx ends.
func (s *Server) Close(ctx context.Context) error {
	if s.http.Handler == nil { // it never served
		return s.listener.Close()
	}
	stopped := make(chan error, 1)
	go func() { stopped <- s.http.Shutdown(ctx) }()
	s.closing()
	err := <-stopped
	if err != nil { // ctx has ended
		err = errors.Join(err, s.http.Close())
	}
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
