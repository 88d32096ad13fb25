package page

import (
	"net/http"
	"net/url"
	"strings"

	"parallax/server/resource"
)

// loginView asks for a token.
type loginView struct {
	Error failure
	To    string
}

// redirectToLogin leads to the form, and from there back.
func (p *Pages) redirectToLogin(w http.ResponseWriter, r *http.Request) {
	to := "/login"
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		to += "?to=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (p *Pages) loginForm(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, resource.Actor{}, view{template: "login", title: "Sign in", data: loginView{To: local(r.URL.Query().Get("to"))}})
}

func (p *Pages) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	to := local(r.PostFormValue("to"))
	if _, ok := p.Logins.LogIn(w, strings.TrimSpace(r.PostFormValue("token"))); !ok {
		f := failure{"Token not known", "The server does not know this token", "Check that it is complete, and was not revoked", nil, http.StatusUnauthorized}
		p.show(w, r, resource.Actor{}, view{template: "login", title: "Sign in", data: loginView{f, to}, status: f.Status})
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (p *Pages) logout(w http.ResponseWriter, r *http.Request) {
	p.Logins.LogOut(w, r)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// local returns a path of this server, and / for anything else.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return "/"
	}
	return to
}
