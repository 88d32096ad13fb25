package api

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"pgregory.net/rapid"

	"parallax/server/access"
	"parallax/server/resource"
)

// drawn is a random request: near enough to a valid one to get far, often enough.
type drawn struct{ method, target, contentType, body string }

// names are values of a path, a query or a body.
var names = []string{
	"orders", "fees", "trades-by-symbol", "settlements", "nothing", "", ".", "..", "../..", "a/b", "a b", "é", "\x00", "\r\nX: y", "%", "%zz", "?", "#", "'", "\"", "<script>", "\xff\xfe", "null",
	"1", "0", "-1", "1001", "9999999999999999999", "true", "false", "html", "next", "back", "release", "shadow", "canary:5", "canary:NaN", "done", strings.Repeat("x", 300),
}

var bodies = []string{
	"", "{}", "[]", "null", "{", "1", `{"to":"back"}`, `{"to":"next","force":true,"reason":"r"}`, `{"to":1}`, `{"partitions":4}`, `{"partitions":-1}`, `{"partitions":1e99}`,
	`{"signature":"0123456789ab"}`, `{"signature":"0123456789ab","owner":"o","reason":"r","expires":"2027-01-01","max_count":5}`,
	`{"rule":{"column":"PRICE","absolute":0.01,"owner":"o","reason":"r","expires":"2027-01-01","max_rate":0.1}}`, `{"rule":null}`, `{"rule":{"time":"x"}}`,
	`{"metadata":{"job":"fees","v2":"v2:4"}}`, `{"metadata":[]}`, "job: orders\n", "job: new\nprocessors: {v2: {partitions: 8}}\n", "\xff\xfe", strings.Repeat("[", 10_000), `{"to":"` + strings.Repeat("x", 5000) + `"}`,
}

var drawing = rapid.Custom(func(t *rapid.T) drawn {
	r := rapid.SampledFrom(routes).Draw(t, "route")
	name := rapid.SampledFrom(names)
	path := r.path
	for _, wildcard := range []string{"{job}", "{id}", "{profile...}"} {
		if strings.Contains(path, wildcard) {
			path = strings.ReplaceAll(path, wildcard, url.PathEscape(name.Draw(t, wildcard)))
		}
	}
	query := ""
	for i := range rapid.IntRange(0, 3).Draw(t, "parameters") {
		key := rapid.SampledFrom(append([]string{"dry_run", "limit", "after", "signature", "format", "job", "partitions", "dryrun"}, names...)).Draw(t, "key")
		if i > 0 {
			query += "&"
		}
		query += url.QueryEscape(key) + "=" + rapid.SampledFrom([]string{url.QueryEscape(name.Draw(t, "value")), "%zz", ""}).Draw(t, "written")
	}
	if query != "" {
		path += "?" + query
	}
	method := r.method
	if rapid.IntRange(0, 9).Draw(t, "other method") == 0 {
		method = rapid.SampledFrom([]string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"}).Draw(t, "method")
	}
	return drawn{
		method, path, rapid.SampledFrom([]string{"application/json", "application/json; charset=utf-8", "application/yaml", "", "text/plain", ";", "application/x-www-form-urlencoded"}).Draw(t, "type"),
		rapid.SampledFrom(bodies).Draw(t, "body"),
	}
})

// takesLong reports whether a path is not for a random request: it streams, or measures.
func takesLong(path string) bool {
	return path == "/v1/events" || strings.HasPrefix(path, "/debug/pprof/")
}

// Whatever is sent, the answer is as the document describes it: never an internal error, and an
// error is a problem document. A request that is not as the document wants it is refused.
func TestAnyRequestIsAnsweredAsDescribed(t *testing.T) {
	all, err := router()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		q := drawing.Draw(rt, "request")
		u, err := url.ParseRequestURI(q.target)
		if err != nil || takesLong(u.Path) {
			rt.Skip()
		}
		c := newClient(t)
		c.caller.Actor.Role = rapid.SampledFrom([]resource.Role{resource.View, resource.Operate, resource.Deploy}).Draw(rt, "role")
		r := requestOf(q)
		w := httptest.NewRecorder()
		c.api.ServeHTTP(w, r.WithContext(access.WithCaller(r.Context(), c.caller)))
		if w.Code >= 500 {
			rt.Fatalf("%q: %d %s", q, w.Code, w.Body)
		}
		isProblem := w.Header().Get("Content-Type") == "application/problem+json"
		if w.Code >= 400 && !isProblem && !strings.HasPrefix(u.Path, "/v1/flagger/") {
			rt.Fatalf("%q: %d is no problem document: %s", q, w.Code, w.Body)
		}
		if q.method != http.MethodHead {
			c.check(requestOf(q), w)
		}
		if t.Failed() {
			rt.Fatalf("%q", q)
		}
		route, params, err := all.FindRoute(requestOf(q))
		if err != nil || strings.HasPrefix(u.Path, "/v1/flagger/") || u.Path == "/v1/gate" {
			return
		}
		in := &openapi3filter.RequestValidationInput{
			Request: requestOf(q), PathParams: params, Route: route,
			Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
		}
		if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil && w.Code < 400 {
			rt.Fatalf("%q: %d, and the document does not allow the request: %v", q, w.Code, err)
		}
	})
}

// requestOf makes the request that was drawn.
func requestOf(q drawn) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", io.NopCloser(bytes.NewReader([]byte(q.body))))
	u, err := url.ParseRequestURI(q.target)
	if err != nil {
		panic(err) // it was checked
	}
	r.Method, r.URL, r.RequestURI, r.ContentLength = q.method, u, q.target, int64(len(q.body))
	if q.contentType != "" {
		r.Header.Set("Content-Type", q.contentType)
	}
	return r
}
