package api

import (
	"fmt"
	"net/http"

	"parallax/server/throttle"
)

func (a *API) getDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(a.document) // an error means that the client has disconnected
}

// getMetrics answers the metrics of all jobs in Prometheus' text format.
func (a *API) getMetrics(w http.ResponseWriter, r *http.Request) {
	text, err := a.metrics.Get(r.Context())
	if err != nil {
		return // the client has disconnected
	}
	throttle.LimitWriting(w, writeWithin)
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(text) // an error means that the client has disconnected
}

// getHealth answers that the process runs: it does, as it answers.
func (a *API) getHealth(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "ok")
}

// getReadiness answers whether the server can do its work. The reason is for those who may know
// it.
func (a *API) getReadiness(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	err := a.Service.Ready(r.Context())
	switch c := caller(r); {
	case err == nil:
		fmt.Fprintln(w, "ready")
	case c.IsKnown || !c.NeedsToken:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		http.Error(w, "not ready", http.StatusServiceUnavailable)
	}
}
