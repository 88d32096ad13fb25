// Package dashboard serves metrics, health, the verdict and profiles of a run over HTTP, on the job's
// `listen` address. Except for rescaling V2 it changes nothing.
//
// Stability: ours.
package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/server/throttle"
)

const (
	// connectionsMost is how many connections are open at once.
	connectionsMost = 64
	// requestsASecond limits the answered requests in a second. Further ones wait, because
	// V1 needs the CPU.
	requestsASecond = 250
	// pagesASecond limits how many pages of metrics are rendered in a second, for all
	// clients together.
	pagesASecond = 20
	// writeMost limits how long a client may take to read an answer.
	writeMost = 5 * time.Second
	// longMost are how many profiles and rescalings may be under way at once.
	longMost = 4
	// slowMost limits the time of a profile or a rescaling.
	slowMost = 10 * time.Minute
)

// Sources provide the contents of the server. All are called concurrently.
type Sources struct {
	// Job is the job's name.
	Job string
	// Metrics writes the run's metrics in Prometheus text format.
	Metrics func(io.Writer)
	// Ready returns nil once the run processes records, else why it does not.
	Ready func() error
	// Rescale replaces the running V2 by one with another number of partitions, and returns
	// its configuration string. It is nil if there is no V2.
	Rescale func(ctx context.Context, partitions int) (processor string, err error)
	// Verdict returns the verdict on the job. If it is nil, there is none to serve.
	Verdict func(ctx context.Context) (verdict.Document, error)
}

// Server serves on one address until Close.
type Server struct {
	http *http.Server
	addr net.Addr
	done chan error
}

// Listen starts a server on addr ("127.0.0.1:8080"; port 0 selects a free one).
func Listen(addr string, s Sources) (*Server, error) {
	if err := CheckAddress(addr); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w (another process may have the port; set listen: or --listen)", err)
	}
	srv := newServer(l, s)
	srv.start(l)
	return srv, nil
}

func newServer(l net.Listener, s Sources) *Server {
	return &Server{
		http: &http.Server{
			Handler:           handler(s, isLoopback(l.Addr())),
			ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
			ConnContext: throttle.WithConnection,
		},
		addr: l.Addr(),
		done: make(chan error, 1),
	}
}

func (s *Server) start(l net.Listener) {
	go func() { s.done <- s.http.Serve(throttle.Connections(l, connectionsMost)) }()
}

// Warning returns a warning if other machines can reach the address; "" if only this
// machine can.
func (s *Server) Warning() string {
	if isLoopback(s.addr) {
		return ""
	}
	return fmt.Sprintf("listen: other machines can reach %s, which has neither a password nor TLS: "+
		"set listen to 127.0.0.1 and a port, or let a firewall admit only the machines that read the metrics", s.addr)
}

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.addr }

// Close ends the server; requests under way get until ctx ends.
func (s *Server) Close(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// isLoopback reports whether only this machine reaches an address.
func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// handler serves profiles only if profiles is set: they expose memory contents and take CPU
// from V1.
func handler(s Sources, profiles bool) http.Handler {
	metrics := throttle.NewPage(s.Metrics, throttle.NewPace(pagesASecond))
	long := throttle.NewSlots(longMost)

	mux := http.NewServeMux()
	get := func(path string, f http.HandlerFunc) { mux.HandleFunc("GET "+path, f) }
	get("/{$}", index(s, profiles))
	get("/metrics", func(w http.ResponseWriter, r *http.Request) {
		text, err := metrics.Get(r.Context())
		if err != nil {
			return // the client has disconnected
		}
		throttle.LimitWriting(w, writeMost)
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(text) // an error means that the client has disconnected
	})
	get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok") // it answers, so it lives
	})
	get("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	if s.Verdict != nil {
		get("/v1/gate", gatePage(s))
		mux.HandleFunc("POST /v1/flagger/confirm-promotion", flagger(s, gate.Pass))
		mux.HandleFunc("POST /v1/flagger/rollback", flagger(s, gate.Fail))
	}
	if s.Rescale != nil {
		mux.Handle("POST /v2/rescale", slow(long, rescale(s.Rescale)))
	}
	if profiles { // samples are labelled path=v1|v2|diff|emit
		mux.Handle("/debug/pprof/", slow(long, http.HandlerFunc(pprof.Index)))
		mux.Handle("/debug/pprof/cmdline", slow(long, http.HandlerFunc(pprof.Cmdline)))
		mux.Handle("/debug/pprof/profile", slow(long, http.HandlerFunc(pprof.Profile)))
		mux.Handle("/debug/pprof/symbol", slow(long, http.HandlerFunc(pprof.Symbol)))
		mux.Handle("/debug/pprof/trace", slow(long, http.HandlerFunc(pprof.Trace)))
	}
	return throttle.Occupying(throttle.NewPace(requestsASecond).Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		throttle.LimitWriting(w, writeMost)
		mux.ServeHTTP(w, r)
	})))
}

// slow limits slow handlers, so that a connection remains for metrics.
func slow(long *throttle.Slots, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		release, ok := long.Take()
		if !ok {
			http.Error(w, "too many profile or rescale requests are in progress: try again later", http.StatusServiceUnavailable)
			return
		}
		defer release()
		throttle.LimitWriting(w, slowMost)
		h.ServeHTTP(w, r)
	})
}
