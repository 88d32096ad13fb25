package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"parallax/server/resource"
	"parallax/server/throttle"
)

// request is a request that has passed all checks of its route.
type request struct {
	*http.Request
	service resource.Service
	by      resource.Actor
	job     string
	body    []byte
}

// answer is what a route answers.
type answer struct {
	status   int // 0 is 200
	location string
	// body is written as JSON; or raw as it is, with contentType.
	body        any
	raw         io.ReadCloser
	contentType string
	// policy is the Content-Security-Policy.
	policy string
}

func ok(body any) *answer { return &answer{body: body} }

// handler answers the requests of a route.
func (a *API) handler(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.admit(rt, r); err != nil {
			a.fail(w, r, err)
			return
		}
		if rt.raw != nil {
			rt.raw(a, w, r)
			return
		}
		if err := checkQuery(r, rt.query); err != nil {
			a.fail(w, r, err)
			return
		}
		body, err := readBody(r, bodyMost)
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
		within := rt.within
		if within == 0 {
			within = answerWithin
		}
		throttle.LimitWriting(w, within+writeWithin)
		ctx, cancel := context.WithTimeout(r.Context(), within)
		defer cancel()
		out, err := rt.answer(&request{Request: r.WithContext(ctx), service: a.Service, by: caller(r).Actor, job: r.PathValue("job"), body: body})
		if err != nil {
			if isForbidden(err) {
				a.refused(rt, r)
			}
			a.fail(w, r, err)
			return
		}
		throttle.LimitWriting(w, writeWithin)
		a.write(w, r, out)
	})
}

// writeWithin limits the time in which a client reads an answer.
const writeWithin = 10 * time.Second

// admit returns why the caller may not use a route.
func (a *API) admit(rt route, r *http.Request) error {
	c := caller(r)
	switch {
	case rt.needs == "" || c.IsKnown && c.Actor.Role.Includes(rt.needs):
		return nil
	case c.IsKnown:
		a.refused(rt, r)
		return errForbidden(c.Actor, rt.needs)
	case c.NeedsToken:
		return resource.NewProblem(http.StatusUnauthorized, "not authenticated", "the request has no valid token",
			"send the header Authorization: Bearer TOKEN; `parallax token new` makes a token")
	case rt.isMonitoring:
		return nil
	}
	return resource.NewProblem(http.StatusForbidden, "not from another machine", "a server without tokens answers this to programs on its own machine only",
		"call it by localhost or a loopback address, or start the server with --tokens")
}

// forbidden is a problem because of the caller's role.
type forbidden struct{ *resource.Problem }

func (f forbidden) Unwrap() error { return f.Problem }

func errForbidden(by resource.Actor, needs resource.Role) error {
	return forbidden{resource.NewProblem(http.StatusForbidden, "role not sufficient",
		fmt.Sprintf("%s has the role %s, and this needs the role %s", by.Name, by.Role, needs), "use a token with that role")}
}

func isForbidden(err error) bool {
	_, is := errors.AsType[forbidden](err)
	return is
}

// need returns an error if the caller does not have a role.
func (r *request) need(role resource.Role) error {
	if r.by.Role.Includes(role) {
		return nil
	}
	return errForbidden(r.by, role)
}

// refused tells the audit of a change that the caller's role did not allow.
func (a *API) refused(rt route, r *http.Request) {
	if a.Refused == nil || rt.method == "GET" || !a.refusals.isFew() {
		return
	}
	by := caller(r).Actor
	a.Refused(resource.AuditEntry{Who: by.Name, Role: by.Role, Job: shortened(r.PathValue("job")), What: rt.method + " " + rt.path, Result: "refused: its role does not allow it"})
}

// take takes the slots that a request needs until release is called.
func (a *API) take(r *http.Request) (release func(), err error) {
	taken := []func(){}
	release = func() {
		for _, f := range taken {
			f()
		}
	}
	needed := []*throttle.Slots{a.requests}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		needed = append(needed, a.changes)
	}
	for _, s := range needed {
		f, ok := s.Take()
		if !ok {
			release()
			return nil, errBusy
		}
		taken = append(taken, f)
	}
	return release, nil
}

var errBusy = resource.NewProblem(http.StatusTooManyRequests, "too many requests", "the server answers as many requests as it may at once", "try again after the time in Retry-After")

// write writes an answer.
func (a *API) write(w http.ResponseWriter, r *http.Request, out *answer) {
	h := w.Header()
	if out.location != "" {
		h.Set("Location", out.location)
	}
	if out.policy != "" {
		h.Set("Content-Security-Policy", out.policy)
	}
	if out.raw != nil {
		defer out.raw.Close()
		h.Set("Content-Type", out.contentType)
		if _, err := io.Copy(w, out.raw); err != nil {
			a.Log.Debug("an answer was cut short", "path", r.URL.Path, "error", err)
		}
		return
	}
	text, err := json.Marshal(out.body)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	h.Set("Content-Type", "application/json")
	if out.status != 0 {
		w.WriteHeader(out.status)
	}
	_, _ = w.Write(append(text, '\n')) // an error means that the client has disconnected
}

// checkQuery refuses parameters that are not known, so that a dry run that is misspelled does
// not change anything.
func checkQuery(r *http.Request, known []string) error {
	values, err := parseQuery(r)
	if err != nil {
		return err
	}
	for name, v := range values {
		switch {
		case !slices.Contains(known, name):
			do := "remove it"
			if len(known) > 0 {
				do = "the parameters here are " + strings.Join(known, ", ")
			}
			return badRequest("unknown parameter", fmt.Sprintf("the query has the parameter %s", short(name)), do)
		case len(v) > 1:
			return badRequest("parameter given twice", fmt.Sprintf("the query has %s %d times", name, len(v)), "give it once")
		}
	}
	return nil
}

func badRequest(title, detail, do string) *resource.Problem {
	return resource.NewProblem(http.StatusBadRequest, title, detail, do)
}
