package api

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"parallax/server/access"
	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
)

// router finds the operations of the document.
var router = sync.OnceValues(func() (routers.Router, error) {
	openapi3filter.RegisterBodyDecoder("application/problem+json", openapi3filter.JSONBodyDecoder)
	for _, text := range []string{"text/html", "text/markdown", "application/xml", "text/event-stream"} {
		openapi3filter.RegisterBodyDecoder(text, openapi3filter.FileBodyDecoder)
	}
	return legacy.NewRouter(readDocument(&testing.B{}))
})

// client sends requests to the API of a fake service, and holds every answer against the document.
type client struct {
	t       testing.TB
	service *resourcetest.Service
	api     *API
	caller  access.Caller
	refused []resource.AuditEntry
}

func newClient(t testing.TB) *client { return clientOf(t, resourcetest.New()) }

func clientOf(t testing.TB, s *resourcetest.Service) *client {
	t.Helper()
	c := &client{t: t, service: s, caller: access.Caller{IsKnown: true, Actor: resource.Actor{Name: "anna", Role: resource.Deploy}}}
	var err error
	c.api, err = New(Options{Service: s, Log: slog.New(slog.DiscardHandler), Refused: func(e resource.AuditEntry) { c.refused = append(c.refused, e) }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *client) as(role resource.Role) *client {
	c.caller.Actor.Role = role
	return c
}

// do sends a request with a JSON body, or none if it is "".
func (c *client) do(method, target, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	contentType := ""
	if body != "" {
		contentType = "application/json"
	}
	return c.send(method, target, contentType, body)
}

func (c *client) send(method, target, contentType, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return c.roundTrip(r)
}

func (c *client) roundTrip(r *http.Request) *httptest.ResponseRecorder {
	c.t.Helper()
	w := httptest.NewRecorder()
	c.api.ServeHTTP(w, r.WithContext(access.WithCaller(r.Context(), c.caller)))
	c.check(r, w)
	return w
}

// check holds an answer against the document.
func (c *client) check(r *http.Request, w *httptest.ResponseRecorder) {
	c.t.Helper()
	if w.Header().Get("Content-Type") == "application/problem+json" {
		c.checkProblem(r, w)
	}
	all, err := router()
	if err != nil {
		c.t.Fatal(err)
	}
	route, params, err := all.FindRoute(r)
	if err != nil {
		if w.Header().Get("Content-Type") != "application/problem+json" {
			c.t.Errorf("%s %s: %d, and the document does not describe it", r.Method, r.URL, w.Code)
		}
		return
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
	}
	if strings.HasPrefix(r.URL.Path, "/debug/") {
		return // Go's own answers
	}
	if err := openapi3filter.ValidateResponse(r.Context(), in); err != nil {
		c.t.Errorf("%s %s: %d: not as described: %v\n%s", r.Method, r.URL, w.Code, err, w.Body)
	}
}

// checkProblem checks that a problem says what is wrong and what to do.
func (c *client) checkProblem(r *http.Request, w *httptest.ResponseRecorder) {
	c.t.Helper()
	p := c.problem(w)
	if p.Status != w.Code || p.Title == "" || p.Detail == "" || p.Type == "" || p.Instance == "" && r.URL.Path != "" {
		c.t.Errorf("%s %s: %d: %+v", r.Method, r.URL, w.Code, p)
	}
}

func (c *client) problem(w *httptest.ResponseRecorder) (p resource.Problem) {
	c.t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		c.t.Errorf("%v: %s", err, w.Body)
	}
	return p
}

// page returns the items of a list and its next.
func (c *client) page(target string) (items []string, next string) {
	c.t.Helper()
	var p resource.Page[json.RawMessage]
	if err := json.Unmarshal(c.do("GET", target, "").Body.Bytes(), &p); err != nil {
		c.t.Fatal(err)
	}
	for _, item := range p.Items {
		items = append(items, string(item))
	}
	return items, p.Next
}

func (c *client) items(target string) []string {
	c.t.Helper()
	items, _ := c.page(target)
	return items
}
