package access

import (
	"net/http"
	"strconv"

	"parallax/server/resource"
)

// LogIn answers a request of the page with a cookie that stands for a token. ok is false if the
// token is not valid, or if the server has no tokens.
func (g *Guard) LogIn(w http.ResponseWriter, token string) (by resource.Actor, ok bool) {
	if g.tokens == nil {
		return by, false
	}
	h := hashOf(token)
	if by, ok = g.tokens.actor(h); ok {
		http.SetCookie(w, g.cookie(g.sessions.begin(h), int(sessionMost.Seconds())))
	}
	return by, ok
}

// LogOut ends the login of a request's cookie.
func (g *Guard) LogOut(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(g.cookieName()); err == nil {
		g.sessions.end(c.Value)
	}
	http.SetCookie(w, g.cookie("", -1))
}

func (g *Guard) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: g.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: g.isTLS, SameSite: http.SameSiteStrictMode,
	}
}

// cookieName has a prefix by which browsers refuse the cookie from anyone but this host, which
// they do under TLS only.
func (g *Guard) cookieName() string {
	if g.isTLS {
		return "__Host-parallax"
	}
	return "parallax"
}

// quoted is a text that a client sent, short and printable.
func quoted(text string) string {
	const most = 100
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.QuoteToASCII(text)
}
