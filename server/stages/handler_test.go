package stages

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parallax/shadow/job"
)

func TestAJobWithoutAServerAnswersProgramsOnThisMachineOnly(t *testing.T) {
	mux := http.NewServeMux()
	for pattern, h := range Routes(&job.Job{Name: "orders"}) {
		mux.Handle(pattern, h)
	}
	for _, c := range []struct {
		name, method, path, body string
		change                   func(*http.Request)
		status                   int
		want                     string
	}{
		{"the stage", "GET", "/v1/jobs/orders/stage", "", nil, 200, `"stage":"shadow"`},
		{"the history", "GET", "/v1/jobs/orders/stage/history", "", nil, 200, `"items":[]`},
		{"a change", "POST", "/v1/jobs/orders/stage", `{"to":"next"}`, nil, 400, "the job has no migration"},
		{"another job", "GET", "/v1/jobs/others/stage", "", nil, 404, "runs job orders"},
		{"no JSON", "POST", "/v1/jobs/orders/stage", `to=next`, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 415, "must be JSON"},
		{"an unknown field", "POST", "/v1/jobs/orders/stage", `{"to":"next","froce":true}`, nil, 400, "froce"},
		{"too long", "POST", "/v1/jobs/orders/stage", `{"to":"` + strings.Repeat("x", mostBody) + `"}`, nil, 400, "too large"},
		{"another site", "POST", "/v1/jobs/orders/stage", `{"to":"next"}`, func(r *http.Request) { r.Header.Set("Origin", "https://elsewhere.example") }, 403, "cross-origin"},
		{"another name of this machine", "POST", "/v1/jobs/orders/stage", `{"to":"next"}`, func(r *http.Request) { r.Host = "elsewhere.example:8080" }, 403, "another host"},
	} {
		r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
		r.Host = "127.0.0.1:8080"
		r.Header.Set("Content-Type", "application/json")
		if c.change != nil {
			c.change(r)
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
}
