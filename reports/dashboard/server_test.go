package dashboard_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"parallax/reports/dashboard"
)

func TestServerShowsMetricsHealthAndProfiles(t *testing.T) {
	var ready atomic.Bool
	srv, err := dashboard.Listen("127.0.0.1:0", dashboard.Sources{
		Job:     "a<b",
		Metrics: func(w io.Writer) { fmt.Fprintln(w, "parallax_records_total 7") },
		Ready: func() error {
			if !ready.Load() {
				return errors.New("waiting for the consumer group's assignment")
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) (int, string) {
		t.Helper()
		resp, err := http.Get("http://" + srv.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if code, body := get("/"); code != 200 || !strings.Contains(body, `<a href="/metrics">`) || !strings.Contains(body, `<a href="/readyz">`) ||
		!strings.Contains(body, `<a href="/debug/pprof/">`) || !strings.Contains(body, "job a&lt;b") || !strings.Contains(body, "waiting for the consumer group&#39;s assignment") || strings.Contains(body, "rescale") {
		t.Errorf("/: %d %s", code, body)
	}
	if code, _ := get("/nothing"); code != 404 {
		t.Errorf("/nothing: %d", code)
	}
	if code, body := get("/metrics"); code != 200 || body != "parallax_records_total 7\n" {
		t.Errorf("/metrics: %d %q", code, body)
	}
	if code, _ := get("/healthz"); code != 200 {
		t.Errorf("/healthz: %d", code)
	}
	if code, body := get("/readyz"); code != 503 || !strings.Contains(body, "assignment") {
		t.Errorf("/readyz before: %d %q", code, body)
	}
	ready.Store(true)
	if code, _ := get("/readyz"); code != 200 {
		t.Errorf("/readyz after: %d", code)
	}
	if code, body := get("/"); code != 200 || !strings.Contains(body, "The job processes records.") {
		t.Errorf("/ after: %d %s", code, body)
	}
	if code, body := get("/debug/pprof/goroutine?debug=1"); code != 200 || !strings.Contains(body, "goroutine profile") {
		t.Errorf("/debug/pprof/goroutine: %d", code)
	}
	if err := srv.Close(t.Context()); err != nil {
		t.Errorf("close: %v", err)
	}
}

func TestAPortThatIsTakenIsAnErrorThatSaysSo(t *testing.T) {
	show := dashboard.Sources{Metrics: func(io.Writer) {}, Ready: func() error { return nil }}
	first, err := dashboard.Listen("127.0.0.1:0", show)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close(t.Context())
	if _, err := dashboard.Listen(first.Addr().String(), show); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("second server on the same port: %v", err)
	}
}
