// Package dashboard is the HTTP side of a run: metrics, health and profiles on
// the job's `listen` address. It shows, and changes nothing but V2's partitions.
package dashboard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"
)

// Sources are what the server shows. All are called from many goroutines.
type Sources struct {
	// Metrics writes the run's metrics in Prometheus text format.
	Metrics func(io.Writer)
	// Ready returns nil once the run processes records, else why it does not.
	Ready func() error
	// Rescale replaces V2, while it runs, by one with so many partitions, and returns
	// its configuration string. nil where there is none.
	Rescale func(ctx context.Context, partitions int) (processor string, err error)
}

// Server serves on one address until Close.
type Server struct {
	http *http.Server
	addr net.Addr
	done chan error
}

// Listen starts serving on addr ("127.0.0.1:8080"; port 0 takes a free one).
func Listen(addr string, s Sources) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w (another process may have the port; set listen: or --listen)", err)
	}
	srv := &Server{
		http: &http.Server{Handler: handler(s, isLoopback(l.Addr())), ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute},
		addr: l.Addr(),
		done: make(chan error, 1),
	}
	go func() { srv.done <- srv.http.Serve(l) }()
	return srv, nil
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

// handler serves profiles only where they are asked for: they show what is in memory, and take CPU from V1.
func handler(s Sources, profiles bool) http.Handler {
	var rendering sync.Mutex // one at a time, however many ask

	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		var page bytes.Buffer
		rendering.Lock()
		s.Metrics(&page)
		rendering.Unlock()
		_, _ = page.WriteTo(w) // a client that has gone reads nothing
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, "ok") // it answers, so it lives
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := s.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	if s.Rescale != nil {
		mux.Handle("POST /v2/rescale", rescale(s.Rescale))
	}
	if !profiles {
		return mux
	}
	// Profiles are labelled path=v1|v2|diff|emit.
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
