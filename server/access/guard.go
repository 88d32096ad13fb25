package access

import (
	"context"
	"net"
	"net/http"
	"strings"

	"parallax/server/resource"
)

// Guard identifies who sends a request, and refuses those that a browser sends for a page of
// somebody else. What a client may do is the handlers' decision: see CallerOf.
type Guard struct {
	// tokens is nil if the server has none: then programs on this machine may do everything.
	tokens   *Tokens
	sessions sessions
	// hosts are the names by which browsers may call, besides those of this machine.
	hosts []string
	// isLoopback: only this machine reaches the server. isTLS: it speaks TLS.
	isLoopback, isTLS bool
}

// Caller is who sends a request.
type Caller struct {
	// Actor is who it is; IsKnown says whether that is known.
	Actor   resource.Actor
	IsKnown bool
	// NeedsToken: it would be known by a token. If it is false, only programs on the server's
	// machine are known.
	NeedsToken bool
	// refused is why no handler answers.
	refused *resource.Problem
}

// local is who calls from the server's machine if there are no tokens.
var local = resource.Actor{Name: "local", Role: resource.Deploy}

type callerKey struct{}

// CallerOf returns who sends a request that went through a Guard.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

// WithCaller returns a context of a request by a caller, for tests of handlers.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// identified identifies the caller of each request that h answers.
func (g *Guard) identified(h http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var c Caller
		switch {
		case !g.admitsHost(r):
			c.refused = resource.NewProblem(http.StatusForbidden, "host not allowed",
				"the request names the host "+quoted(r.Host)+", which this server does not answer for",
				"use localhost or an IP address, or start the server with --host and that name")
		case crossOrigin.Check(r) != nil || isForeignRead(r):
			c.refused = resource.NewProblem(http.StatusForbidden, "another origin",
				"a page of another origin sent the request", "open the server's own page, or call from a program")
		default:
			c = g.caller(r)
		}
		h.ServeHTTP(w, r.WithContext(WithCaller(r.Context(), c)))
	})
}

// admitted answers requests that were refused, and lets h answer the others.
func admitted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := CallerOf(r.Context()).refused; p != nil {
			WriteProblem(w, r, p)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// isForeignRead reports whether a page of another site reads from the server. Following a link
// is allowed.
func isForeignRead(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return (site == "cross-site" || site == "same-site") && r.Header.Get("Sec-Fetch-Mode") != "navigate"
}

// admitsHost reports whether a request may name its host. If the server has no tokens, a page
// whose host name was pointed to this machine (DNS rebinding) must not read from it.
func (g *Guard) admitsHost(r *http.Request) bool {
	name := hostName(r.Host)
	if isLocalName(name) {
		return true
	}
	for _, h := range g.hosts {
		if strings.EqualFold(h, name) {
			return true
		}
	}
	if g.isLoopback && g.tokens == nil {
		return false
	}
	// A name cannot be checked if none is configured. Who reaches the server from elsewhere
	// is known by a token only, which a foreign page does not have.
	return len(g.hosts) == 0 || net.ParseIP(name) != nil
}

func (g *Guard) caller(r *http.Request) Caller {
	c := Caller{NeedsToken: g.tokens != nil}
	if g.tokens == nil {
		if isFromHere(r) && isLocalName(hostName(r.Host)) || g.isLoopback { // its Host has been checked
			c.Actor, c.IsKnown = local, true
		}
		return c
	}
	if h, ok := g.secret(r); ok {
		c.Actor, c.IsKnown = g.tokens.actor(h)
	}
	return c
}

// secret returns the hash of the token that a request has, or that its cookie stands for.
// Programs that can send a user and a password only send the token as the password.
func (g *Guard) secret(r *http.Request) (hash, bool) {
	if _, password, ok := r.BasicAuth(); ok {
		return hashOf(password), true
	}
	if kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		return hashOf(strings.TrimSpace(token)), strings.EqualFold(kind, "Bearer")
	}
	if cookie, err := r.Cookie(g.cookieName()); err == nil {
		return g.sessions.token(cookie.Value)
	}
	return hash{}, false
}

// isFromHere reports whether a request comes from this machine.
func isFromHere(r *http.Request) bool {
	from, _, err := net.SplitHostPort(r.RemoteAddr)
	return err == nil && net.ParseIP(from).IsLoopback()
}

// hostName is the host of a Host header without its port and brackets.
func hostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// isLocalName reports whether a host can only be this machine.
func isLocalName(name string) bool {
	return strings.EqualFold(name, "localhost") || net.ParseIP(name).IsLoopback()
}
