package api

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"path"
	"strings"

	"parallax/server/access"
	"parallax/server/resource"
	"parallax/server/throttle"
)

const (
	// requestsMost is how many requests are answered at once, changesMost how many of them
	// change something. More are refused with status 429. Metrics and health are always
	// answered.
	requestsMost = 64
	changesMost  = 16
	// streamsMost is how many clients may listen to events at once.
	streamsMost = 100
	// profilesMost is how many profiles may be under way at once.
	profilesMost = 4
	// pagesASecond limits how many pages of metrics are rendered in a second, for all
	// clients together.
	pagesASecond = 20
)

// Options are what the API is made of.
type Options struct {
	Service resource.Service
	// Page answers what is not the API's, such as /; nil answers that with status 404.
	Page http.Handler
	// Refused is called with each change that was refused because of the caller's role, for
	// the audit; nil forgets them.
	Refused func(resource.AuditEntry)
	Log     *slog.Logger
}

// API answers the requests of an access.Server.
type API struct {
	Options
	mux      *http.ServeMux
	document []byte
	metrics  *throttle.Page
	// roots are the first segments of the routes' paths.
	roots map[string]bool

	requests, changes, streams, profiles *throttle.Slots
	refusals                             refusals
}

// New returns the handler of the whole server: the API, metrics, health, profiles and the page.
func New(o Options) (*API, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	document, err := Document()
	if err != nil {
		return nil, err
	}
	a := &API{
		Options: o, mux: http.NewServeMux(), document: document,
		metrics:  throttle.NewPage(o.Service.Metrics, throttle.NewPace(pagesASecond)),
		roots:    map[string]bool{},
		requests: throttle.NewSlots(requestsMost), changes: throttle.NewSlots(changesMost),
		streams: throttle.NewSlots(streamsMost), profiles: throttle.NewSlots(profilesMost),
	}
	for _, r := range routes {
		a.mux.Handle(r.method+" "+r.path, a.handler(r))
		a.roots[root(r.path)] = true
	}
	return a, nil
}

// root is the first segment of a path.
func root(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	defer a.recovered(w, r)
	if !a.roots[root(r.URL.Path)] {
		if a.Page == nil || r.URL.Path == "*" {
			a.fail(w, r, errNoPath(r))
			return
		}
		a.page(w, r)
		return
	}
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path && clean+"/" != r.URL.Path {
		a.fail(w, r, errNoPath(r)) // ServeMux would redirect
		return
	}
	if _, pattern := a.mux.Handler(r); pattern == "" {
		a.unmatched(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// page lets the page answer.
func (a *API) page(w http.ResponseWriter, r *http.Request) {
	most := int64(formMost)
	if !caller(r).IsKnown {
		most = loginMost
	}
	body, err := readBody(r, most)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	release, err := a.take(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	defer release()
	throttle.LimitWriting(w, changeWithin+writeWithin)
	ctx, cancel := context.WithTimeout(r.Context(), changeWithin)
	defer cancel()
	r = r.WithContext(ctx)
	r.Body = io.NopCloser(bytes.NewReader(body))
	a.Page.ServeHTTP(w, r)
}

// formMost is how long the body of a form may be: a job file with what is escaped in it.
// loginMost is that of a caller who is not known: a token.
const (
	formMost  = 3 * bodyMost
	loginMost = 64 << 10
)

// unmatched answers a request that no route is for: its path is unknown, or its method.
func (a *API) unmatched(w http.ResponseWriter, r *http.Request) {
	s := &statusOnly{header: http.Header{}}
	a.mux.ServeHTTP(s, r)
	if s.status != http.StatusMethodNotAllowed {
		a.fail(w, r, errNoPath(r))
		return
	}
	allowed := s.header.Get("Allow")
	w.Header().Set("Allow", allowed)
	a.fail(w, r, resource.NewProblem(http.StatusMethodNotAllowed, "method not allowed", "this path does not answer "+short(r.Method), "use "+allowed))
}

// statusOnly is a ResponseWriter that keeps what ServeMux says about a request without a route.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }

func errNoPath(r *http.Request) *resource.Problem {
	return resource.NewProblem(http.StatusNotFound, "no such path", "the server has no path "+short(r.URL.Path), "see /v1/openapi.json for the paths")
}

// caller is who sends the request.
func caller(r *http.Request) access.Caller { return access.CallerOf(r.Context()) }
