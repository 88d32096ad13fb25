package api

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"

	"parallax/server/access"
	"parallax/server/resource"
)

// fail answers with an error as a problem document.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	if p, ok := errors.AsType[*resource.Problem](err); ok {
		access.WriteProblem(w, r, p)
		return
	}
	switch {
	case r.Context().Err() != nil: // the client has disconnected
		access.WriteProblem(w, r, resource.NewProblem(statusClosed, "request canceled", "the client ended the request", ""))
	case errors.Is(err, context.DeadlineExceeded):
		access.WriteProblem(w, r, resource.NewProblem(http.StatusGatewayTimeout, "not reached in time", "the job did not get there in the time that a request may take",
			"read the job's state to see what came of it, and try again"))
	default:
		access.WriteProblem(w, r, a.internal(r, err))
	}
}

// statusClosed is what nginx logs for a client that disconnected. No client sees it.
const statusClosed = 499

// internal is the problem of an error that a client can do nothing about. Its text, which may
// name what is not for clients, is in the log.
func (a *API) internal(r *http.Request, err error) *resource.Problem {
	id := rand.Text()[:8]
	a.Log.Error("a request failed", "id", id, "method", r.Method, "path", r.URL.Path, "error", err)
	return resource.NewProblem(http.StatusInternalServerError, "internal error", "the server could not answer", "look for id="+id+" in the server's log")
}

// recovered answers a request whose handler panicked.
func (a *API) recovered(w http.ResponseWriter, r *http.Request) {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		a.Log.Error("a request panicked", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
		access.WriteProblem(w, r, resource.NewProblem(http.StatusInternalServerError, "internal error", "the server has a bug", "report it with what the server's log says"))
	}
}

// short is a text that a client sent, short, quoted and printable.
func short(text string) string { return strconv.QuoteToASCII(shortened(text)) }

func shortened(text string) string {
	const most = 100
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
