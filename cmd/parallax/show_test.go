package main

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
)

// TestTheDemoShowsItsPage: the page of a demo shows the job while it runs and, with --keep, after
// it has ended.
func TestTheDemoShowsItsPage(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	text, said := newSaid("The broker stays up"), newSaid("listening on")
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"demo", "--records", "3000", "--fault", "split-key", "--listen", "127.0.0.1:0", "--keep"}, strings.NewReader(""), text, said)
	}()
	select {
	case <-text.has:
	case code := <-ended:
		t.Fatalf("the demo ended with %d: %s", code, said.all())
	}
	address := addressIn(t, said.all())
	afterEachEvent(ctx, t, address, func() bool { // until the newest figures are shown
		page, err := get(ctx, address+"/jobs/demo-desks")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(page, "V2 must not take over: it differs from V1.")
	})
	for path, want := range map[string]string{
		"/":                                  "demo-desks",
		"/jobs/demo-desks/differences":       "Routing in desk-totals",
		"/jobs/demo-desks/do/stop":           "The job finishes what it has read",
		"/v1/jobs/demo-desks":                `"state":"stopped"`,
		"/metrics":                           `parallax_records_total{`,
		"/v1/gate?job=demo-desks":            "fail",
		"/jobs/demo-desks/config":            "scenario desks",
		"/jobs/demo-desks/stage?to=back":     "Take demo-desks back",
		"/jobs/demo-desks/rules/new":         "Propose a rule",
		"/jobs/demo-desks/reports":           "Reports and history",
		"/jobs/demo-desks/key?topic=a&key=b": "Nothing is stored of this key",
	} {
		page, err := get(ctx, address+path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(page, want) {
			t.Errorf("%s has no %q: %s", path, want, page)
		}
	}
	cancel()
	<-ended
}

// afterEachEvent calls isDone after each event of a server, until it is.
func afterEachEvent(ctx context.Context, t *testing.T, address string, isDone func() bool) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if isDone() {
			return
		}
	}
	t.Fatalf("the events ended: %v", lines.Err())
}

// addressIn returns the address that a command says that it listens on.
func addressIn(t *testing.T, text string) string {
	t.Helper()
	_, address, ok := strings.Cut(text, "listening on ")
	if !ok {
		t.Fatalf("no address in %s", text)
	}
	address, _, _ = strings.Cut(address, "\n")
	return strings.TrimSpace(address)
}
