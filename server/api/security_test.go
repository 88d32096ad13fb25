package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parallax/server/access"
	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
)

// server is the API on an address, as serve has it.
type server struct {
	*access.Server
	service *resourcetest.Service
	tokens  map[resource.Role]string
}

// startServer starts a server; with tokens it has one for each role.
func startServer(t *testing.T, hasTokens bool) *server {
	t.Helper()
	s := &server{service: resourcetest.New(), tokens: map[resource.Role]string{}}
	o := access.Options{Listen: "127.0.0.1:0"}
	if hasTokens {
		o.TokensFile = filepath.Join(t.TempDir(), "tokens")
		for _, role := range []resource.Role{resource.View, resource.Operate, resource.Deploy} {
			token, _, err := access.NewToken(o.TokensFile, role, map[resource.Role]string{resource.View: "prometheus", resource.Operate: "ben", resource.Deploy: "anna"}[role], time.Now())
			if err != nil {
				t.Fatal(err)
			}
			s.tokens[role] = token
		}
	}
	var err error
	if s.Server, err = access.Listen(o); err != nil {
		t.Fatal(err)
	}
	h, err := New(Options{Service: s.service, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(h)
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// raw sends text as it is, and returns the whole answer.
func (s *server) raw(t *testing.T, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return "closed"
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %v %s", resp.StatusCode, resp.Header, body)
}

func TestWhatAttackersSendIsRefused(t *testing.T) {
	s := startServer(t, false)
	const host = "Host: localhost\nConnection: close\n"
	jobs, err := s.service.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ request, want string }{
		"a page of another origin":       {"POST /v1/jobs/orders/pause HTTP/1.1\n" + host + "Origin: https://evil.example\n\n", "403"},
		"a form of a site beside":        {"POST /v1/jobs/orders/pause HTTP/1.1\n" + host + "Sec-Fetch-Site: same-site\n\n", "403"},
		"a sandboxed page":               {"POST /v1/jobs/orders/pause HTTP/1.1\n" + host + "Origin: null\n\n", "403"},
		"a script that reads":            {"GET /v1/jobs HTTP/1.1\n" + host + "Sec-Fetch-Site: cross-site\nSec-Fetch-Mode: cors\n\n", "403"},
		"another host (DNS rebinding)":   {"GET /v1/jobs HTTP/1.1\nHost: evil.example\nConnection: close\n\n", "403"},
		"another host in the target":     {"GET http://evil.example/v1/jobs HTTP/1.1\n" + host + "\n", "403"},
		"two hosts":                      {"GET /v1/jobs HTTP/1.1\nHost: localhost\nHost: evil.example\nConnection: close\n\n", "400"},
		"no host":                        {"GET /v1/jobs HTTP/1.1\nConnection: close\n\n", "400"},
		"a preflight":                    {"OPTIONS /v1/jobs/orders HTTP/1.1\n" + host + "Origin: https://evil.example\nAccess-Control-Request-Method: PUT\n\n", "40"},
		"dots":                           {"GET /v1/jobs/../../etc/passwd HTTP/1.1\n" + host + "\n", "404"},
		"escaped dots":                   {"GET /v1/jobs/%2e%2e/%2e%2e/metrics HTTP/1.1\n" + host + "\n", "404"},
		"escaped slashes":                {"GET /v1/jobs/..%2f..%2fmetrics HTTP/1.1\n" + host + "\n", "404"},
		"escaped twice":                  {"GET /v1/jobs/%252e%252e%252fmetrics HTTP/1.1\n" + host + "\n", "404"},
		"backslashes":                    {"GET /v1/jobs/..%5c..%5cmetrics HTTP/1.1\n" + host + "\n", "404"},
		"a zero byte":                    {"GET /v1/jobs/orders%00.yaml HTTP/1.1\n" + host + "\n", "404"},
		"a path as another host":         {"GET //evil.example/v1/jobs HTTP/1.1\n" + host + "\n", "404"},
		"a file to write elsewhere":      {"PUT /v1/jobs/..%2f..%2fx HTTP/1.1\n" + host + "Content-Type: application/yaml\nContent-Length: 6\n\njob: x", "404"},
		"a name that splits the answer":  {"GET /v1/jobs/x%0d%0aX-Injected:%20yes HTTP/1.1\n" + host + "\n", "404"},
		"a host that splits the answer":  {"GET /v1/jobs HTTP/1.1\nHost: x%0d%0aX-Injected: yes\nConnection: close\n\n", "40"},
		"a method that splits it":        {"GET\tX-Injected:yes /v1/jobs HTTP/1.1\n" + host + "\n", "40"},
		"a smuggled request":             {"POST /v1/jobs/orders/pause HTTP/1.1\n" + host + "Content-Length: 5\nTransfer-Encoding: identity\n\n0\n\nG", "501"},
		"headers without end":            {"GET /v1/jobs HTTP/1.1\n" + host + "X: " + strings.Repeat("x", 64<<10) + "\n\n", "431"},
		"a body that says it is too big": {"PUT /v1/jobs/x HTTP/1.1\n" + host + "Content-Type: application/yaml\nContent-Length: 99999999\n\n", "413"},
		"a method that the path has not": {"BREW /v1/jobs HTTP/1.1\n" + host + "\n", "405"},
		"the whole server":               {"OPTIONS * HTTP/1.1\n" + host + "\n", "4"},
		"a tunnel":                       {"CONNECT evil.example:443 HTTP/1.1\nHost: evil.example:443\nConnection: close\n\n", "403"},
	} {
		got := s.raw(t, c.request)
		if !strings.HasPrefix(got, c.want) || strings.Contains(got, "X-Injected:[") || strings.Contains(got, "Access-Control-Allow") || strings.Contains(got, "Location:") {
			t.Errorf("%s: %s; want %s", name, got, c.want)
		}
	}
	after, err := s.service.Jobs(t.Context())
	if err != nil || fmt.Sprint(after) != fmt.Sprint(jobs) {
		t.Errorf("the jobs have changed: %v", err)
	}
}

// A body without a length is read to the limit only.
func TestABodyWithoutEndIsRefused(t *testing.T) {
	s := startServer(t, false)
	r, err := http.NewRequestWithContext(t.Context(), "PUT", s.URL()+"/v1/jobs/x", io.LimitReader(endless{}, 100<<20))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/yaml")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Skip("the server closed the connection before the client had read the answer:", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%s", resp.Status)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// Without a token, or with one that is not sufficient, nothing is read or changed, over the wire.
func TestTokensOverTheWire(t *testing.T) {
	s := startServer(t, true)
	ask := func(method, path, token string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	for _, c := range []struct {
		method, path string
		codes        [4]int // without a token, view, operate, deploy
	}{
		{"GET", "/v1/jobs", [4]int{401, 200, 200, 200}},
		{"GET", "/metrics", [4]int{401, 200, 200, 200}},
		{"GET", "/v1/gate?job=orders", [4]int{401, 200, 200, 200}},
		{"GET", "/debug/pprof/cmdline", [4]int{401, 403, 200, 200}},
		{"POST", "/v1/jobs/settlements/resume", [4]int{401, 403, 200, 409}},
		{"DELETE", "/v1/jobs/quotes", [4]int{401, 403, 403, 200}},
		{"GET", "/healthz", [4]int{200, 200, 200, 200}},
		{"GET", "/readyz", [4]int{200, 200, 200, 200}},
		{"GET", "/v1/nothing", [4]int{404, 404, 404, 404}},
	} {
		for i, role := range []resource.Role{"", resource.View, resource.Operate, resource.Deploy} {
			if got := ask(c.method, c.path, s.tokens[role]); got != c.codes[i] {
				t.Errorf("%s %s as %q: %d, want %d", c.method, c.path, role, got, c.codes[i])
			}
		}
		if got := ask(c.method, c.path, s.tokens[resource.Deploy]+"x"); got != c.codes[0] {
			t.Errorf("%s %s with a wrong token: %d, want %d", c.method, c.path, got, c.codes[0])
		}
	}
}

// slowService takes changes that last until release.
type slowService struct {
	*resourcetest.Service
	release chan struct{}
	begun   atomic.Int64
}

func (s *slowService) Do(ctx context.Context, by resource.Actor, job string, a resource.Action) (resource.Job, error) {
	s.begun.Add(1)
	<-s.release
	return s.Service.Do(ctx, by, job, a)
}

// Of 1,000 changes at once some are made, the others are told to come again; reading goes on.
func TestAThousandChangesAtOnce(t *testing.T) {
	c := newClient(t)
	slow := &slowService{Service: c.service, release: make(chan struct{})}
	c.api.Service = slow
	const changes = 1000
	codes := make(chan int, changes)
	var all sync.WaitGroup
	for range changes {
		all.Go(func() {
			r := httptest.NewRequest("POST", "/v1/jobs/orders/restart", nil)
			w := httptest.NewRecorder()
			c.api.ServeHTTP(w, r.WithContext(access.WithCaller(r.Context(), c.caller)))
			codes <- w.Code
		})
	}
	count := map[int]int{}
	for range changes - changesMost { // those that are refused do not wait
		count[<-codes]++
	}
	if w := c.do("GET", "/v1/jobs", ""); w.Code != http.StatusOK {
		t.Errorf("reading meanwhile: %d", w.Code)
	}
	if w := c.do("GET", "/metrics", ""); w.Code != http.StatusOK {
		t.Errorf("metrics meanwhile: %d", w.Code)
	}
	close(slow.release)
	all.Wait()
	for range changesMost {
		count[<-codes]++
	}
	if count[http.StatusOK] != changesMost || count[http.StatusTooManyRequests] != changes-changesMost || slow.begun.Load() != changesMost {
		t.Errorf("%v, %d were begun; want %d made and %d refused", count, slow.begun.Load(), changesMost, changes-changesMost)
	}
	entries := c.items("/v1/jobs/orders/audit?limit=1000")
	if n := strings.Count(strings.Join(entries, ""), `"who":"anna"`); n != changesMost {
		t.Errorf("the audit has %d entries, want %d:\n%s", n, changesMost, strings.Join(entries, "\n"))
	}
}

// panicking is a service with a bug.
type panicking struct{ resource.Service }

func (panicking) Jobs(context.Context) ([]resource.Job, error) { panic("a bug") }

func TestABugOfAHandlerIsAnInternalError(t *testing.T) {
	c := newClient(t)
	c.api.Service = panicking{c.service}
	for range requestsMost + 1 { // each gives its slot back
		if w := c.do("GET", "/v1/jobs", ""); w.Code != http.StatusInternalServerError {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}
