package access

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/server/resource"
)

// ask sends a request through a guard to a handler that names the caller.
func ask(g *Guard, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	g.identified(admitted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := CallerOf(r.Context())
		fmt.Fprintf(w, "%v %s %s", c.IsKnown, c.Actor.Name, c.Actor.Role)
	}))).ServeHTTP(w, r)
	return w
}

func withTokens(t *testing.T) (g *Guard, token string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tokens")
	token = newToken(t, file, resource.Operate, "anna")
	tokens, err := OpenTokens(file, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return &Guard{tokens: tokens}, token
}

func TestWhoACallerIs(t *testing.T) {
	secured, token := withTokens(t)
	named := &Guard{tokens: secured.tokens, hosts: []string{"parallax.example"}}
	loopback, monitored := &Guard{isLoopback: true}, &Guard{}
	proxied := &Guard{isLoopback: true, hosts: []string{"parallax.example"}}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("any:"+token))
	const here, elsewhere = "127.0.0.1:5000", "10.0.0.7:5000"
	const nobody, anna, machine = "200 false  ", "200 true anna operate", "200 true local deploy"
	for _, c := range []struct {
		name               string
		g                  *Guard
		from, host, method string
		header             string // NAME: VALUE, several with |
		want               string
	}{
		{"no token", secured, here, "localhost:8080", "GET", "", nobody},
		{"a token", secured, elsewhere, "10.0.0.1:8080", "GET", "Authorization: Bearer " + token, anna},
		{"in lower case", secured, elsewhere, "10.0.0.1", "GET", "Authorization: bearer " + token, anna},
		{"as a password", secured, elsewhere, "10.0.0.1", "POST", "Authorization: " + basic, anna},
		{"another token", secured, elsewhere, "10.0.0.1", "GET", "Authorization: Bearer " + token + "0", nobody},
		{"an empty token", secured, elsewhere, "10.0.0.1", "GET", "Authorization: Bearer ", nobody},
		{"another scheme", secured, elsewhere, "10.0.0.1", "GET", "Authorization: Digest " + token, nobody},
		{"a token in a cookie is not a login", secured, elsewhere, "10.0.0.1", "GET", "Cookie: parallax=" + token, nobody},
		{"headers of proxies say nothing", secured, elsewhere, "10.0.0.1", "GET", "X-Forwarded-For: 127.0.0.1|X-Real-IP: 127.0.0.1", nobody},

		{"loopback", loopback, here, "localhost:8080", "POST", "", machine},
		{"loopback by its address", loopback, here, "[::1]:8080", "GET", "", machine},
		{"a name that points here", loopback, here, "evil.example:8080", "GET", "", "403 host not allowed"},
		{"a name like localhost", loopback, here, "localhost.evil.example", "GET", "", "403 host not allowed"},
		{"a host with a line end", loopback, here, "a\r\nb", "GET", "", "403 host not allowed"},
		{"a name that was configured", proxied, here, "Parallax.example", "GET", "", machine},
		{"another one", proxied, here, "evil.example", "GET", "", "403 host not allowed"},
		{"an address with a configured name", named, elsewhere, "10.0.0.1:80", "GET", "Authorization: Bearer " + token, anna},
		{"the configured name", named, elsewhere, "parallax.example:443", "GET", "Authorization: Bearer " + token, anna},
		{"not the configured name", named, elsewhere, "evil.example", "GET", "Authorization: Bearer " + token, "403 host not allowed"},

		{"monitored, from here", monitored, here, "localhost", "POST", "", machine},
		{"monitored, from elsewhere", monitored, elsewhere, "10.0.0.1", "GET", "", nobody},
		{"monitored, from elsewhere by another Host", monitored, elsewhere, "localhost", "GET", "X-Forwarded-For: 127.0.0.1", nobody},
		{"monitored, by a name", monitored, here, "parallax.example", "GET", "", nobody},

		{"another origin", loopback, here, "localhost:8080", "POST", "Origin: http://evil.example", "403 another origin"},
		{"another port of this machine", loopback, here, "localhost:8080", "POST", "Origin: http://localhost:3000", "403 another origin"},
		{"its own origin", loopback, here, "localhost:8080", "POST", "Origin: http://localhost:8080", machine},
		{"a form of another site", loopback, here, "localhost:8080", "POST", "Sec-Fetch-Site: cross-site", "403 another origin"},
		{"an image of another site", loopback, here, "localhost:8080", "GET", "Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: no-cors", "403 another origin"},
		{"a script of another port", loopback, here, "localhost:8080", "GET", "Sec-Fetch-Site: same-site|Sec-Fetch-Mode: cors", "403 another origin"},
		{"a link on another site", loopback, here, "localhost:8080", "GET", "Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: navigate", machine},
		{"another origin with a token", secured, here, "localhost:8080", "DELETE", "Authorization: Bearer " + token + "|Origin: http://evil.example", "403 another origin"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, "/v1/jobs", nil)
			r.RemoteAddr, r.Host = c.from, c.host
			if c.header != "" {
				for h := range strings.SplitSeq(c.header, "|") {
					name, value, _ := strings.Cut(h, ": ")
					r.Header.Set(name, value)
				}
			}
			w := ask(c.g, r)
			got := fmt.Sprintf("%d %s", w.Code, w.Body)
			if w.Code != http.StatusOK {
				var p resource.Problem
				if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Do == "" || w.Header().Get("Content-Type") != "application/problem+json" {
					t.Errorf("%v: %s", err, w.Body)
				}
				got = fmt.Sprintf("%d %s", p.Status, p.Title)
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// logIn returns the cookie of a login.
func logIn(t *testing.T, g *Guard, token string) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if by, ok := g.LogIn(w, token); !ok || by.Name != "anna" {
		t.Fatalf("%+v, %v", by, ok)
	}
	return w.Result().Cookies()[0]
}

func askWith(g *Guard, c *http.Cookie) string {
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(c)
	return ask(g, r).Body.String()
}

func TestALoginOfThePage(t *testing.T) {
	g, token := withTokens(t)
	w := httptest.NewRecorder()
	if _, ok := g.LogIn(w, token+"x"); ok || len(w.Result().Cookies()) > 0 {
		t.Error("a token that is not valid logs in")
	}
	c := logIn(t, g, token)
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure || strings.Contains(c.Value, token) {
		t.Errorf("cookie %s", c)
	}
	if got := askWith(g, c); got != "true anna operate" {
		t.Errorf("after the login: %s", got)
	}
	g.isTLS = true
	if s := logIn(t, g, token); !s.Secure || !strings.HasPrefix(s.Name, "__Host-") {
		t.Errorf("under TLS: %s", s)
	}
	g.isTLS = false

	r := httptest.NewRequest("POST", "/logout", nil)
	r.AddCookie(c)
	g.LogOut(httptest.NewRecorder(), r)
	if got := askWith(g, c); got != "false  " {
		t.Errorf("after the logout: %s", got)
	}
	if _, ok := (&Guard{isLoopback: true}).LogIn(httptest.NewRecorder(), "x"); ok {
		t.Error("a server without tokens logs in")
	}
}

func TestALoginEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, token := withTokens(t)
		first := logIn(t, g, token)
		time.Sleep(sessionMost - time.Second)
		if got := askWith(g, first); got != "true anna operate" {
			t.Errorf("before its time: %s", got)
		}
		second := logIn(t, g, token)
		time.Sleep(time.Second)
		if got := askWith(g, first); got != "false  " {
			t.Errorf("after its time: %s", got)
		}
		for range sessionsMost { // further logins than there may be end the oldest
			time.Sleep(time.Millisecond)
			logIn(t, g, token)
		}
		if got := askWith(g, second); got != "false  " || len(g.sessions.open) > sessionsMost {
			t.Errorf("the oldest of %d logins: %s", len(g.sessions.open), got)
		}
		third := logIn(t, g, token)
		g.tokens.entries = nil // its token was revoked
		if got := askWith(g, third); got != "false  " {
			t.Errorf("after its token: %s", got)
		}
	})
}

// What a client sends as a token is in no log and in no answer.
func TestATokenIsNotRepeated(t *testing.T) {
	g, token := withTokens(t)
	var log bytes.Buffer
	g.tokens.log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Origin", "http://evil.example")
	if w := ask(g, r); strings.Contains(w.Body.String()+fmt.Sprint(w.Header())+log.String(), token) {
		t.Errorf("%s %v %s", w.Body, w.Header(), &log)
	}
}
