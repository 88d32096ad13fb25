package dashboard

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Profiles are served on loopback only; metrics everywhere.
func TestProfilesAreServedOnLoopbackOnly(t *testing.T) {
	s := Sources{Metrics: func(io.Writer) {}, Ready: func() error { return nil }}
	for _, loopback := range []bool{true, false} {
		for path, want := range map[string]bool{"/debug/pprof/cmdline": loopback, "/metrics": true} {
			w := httptest.NewRecorder()
			handler(s, loopback).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			if got := w.Code == http.StatusOK; got != want {
				t.Errorf("loopback %v: %s is served: %v, want %v", loopback, path, got, want)
			}
		}
	}
}
