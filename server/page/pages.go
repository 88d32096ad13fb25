package page

import (
	"cmp"
	"html/template"
	"net/http"
	"time"

	"parallax/server/resource"
)

// Logins begin and end the logins of browsers; *access.Guard is one. Who sends a request is
// what access.CallerOf says.
type Logins interface {
	// LogIn answers with a cookie that stands for a token; ok is false for one that is not valid.
	LogIn(w http.ResponseWriter, token string) (by resource.Actor, ok bool)
	// LogOut ends the login of a request.
	LogOut(w http.ResponseWriter, r *http.Request)
}

// Options are what the pages need. Only Service and Logins are required.
type Options struct {
	Service resource.Service
	Logins  Logins
	// Events is the address of the server-sent events, /v1/events by default.
	Events string
	// Version is the program's version.
	Version string
	// Now is the clock, and Location the time zone of all times.
	Now      func() time.Time
	Location *time.Location
}

// Pages serves the pages. It can be used by any goroutine.
type Pages struct {
	Options
	mux       *http.ServeMux
	templates map[string]*template.Template
	assets    map[string]asset
}

// New returns a handler of all addresses of the pages: /, /jobs/, /deploy, /audit, /login,
// /logout and /assets/.
func New(o Options) *Pages {
	o.Events = cmp.Or(o.Events, "/v1/events")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Location == nil {
		o.Location = time.Local
	}
	p := &Pages{Options: o, mux: http.NewServeMux(), assets: loadAssets()}
	p.templates = p.loadTemplates()
	p.routes()
	return p
}

// ServeHTTP answers a request; forms of other origins are refused.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header())
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		p.fail(w, r, resource.NewProblem(http.StatusForbidden, "Refused", "the form comes from another site", "open the page itself and try again"))
		return
	}
	p.mux.ServeHTTP(w, r)
}

// setHeaders allows a page its own style sheet, script, picture and events, and nothing else.
func setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
