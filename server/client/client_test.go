package client_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parallax/server/client"
	"parallax/server/resource"
)

func TestACallSendsTheTokenAndTheRequest(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body resource.StageRequest
		_ = json.NewDecoder(r.Body).Decode(&body)
		asked = append(asked, r.Method+" "+r.URL.EscapedPath()+" "+r.Header.Get("Authorization")+" "+body.To)
		_, _ = w.Write([]byte(`{"job":"a/b","stage":"canary:5"}`))
	}))
	defer srv.Close()
	c, err := client.New(srv.URL+"/", "secret")
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.SetStage(t.Context(), "a/b", resource.StageRequest{To: "next"})
	if err != nil || s.Stage.String() != "canary:5" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := c.Stage(t.Context(), "orders"); err != nil {
		t.Error(err)
	}
	if want := "POST /v1/jobs/a%2Fb/stage Bearer secret next|GET /v1/jobs/orders/stage Bearer secret "; strings.Join(asked, "|") != want {
		t.Errorf("%q, want %q", strings.Join(asked, "|"), want)
	}
}

func TestErrorsSayWhichServerAndWhatToDo(t *testing.T) {
	for _, c := range []struct {
		status            int
		answer, want, not string
	}{
		{409, `{"status":409,"detail":"refused","do":"wait","verdict":"inconclusive","missing":["m"]}`, "refused; wait", ""},
		{404, "404 page not found", "it answered 404 Not Found, which is not from Parallax's API", "page"},
		{200, "<html>", "is not from Parallax's API", "<html>"},
		{302, "", "it answered 302 Found", ""},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.answer))
		}))
		api, err := client.New(srv.URL, "")
		if err != nil {
			t.Fatal(err)
		}
		_, err = api.Stage(t.Context(), "orders")
		srv.Close()
		if err == nil || !strings.Contains(err.Error(), c.want) || c.not != "" && strings.Contains(err.Error(), c.not) {
			t.Errorf("%d: %v", c.status, err)
		}
		if p, ok := errors.AsType[*resource.Problem](err); ok != (c.status == 409) || ok && (p.Verdict != "inconclusive" || len(p.Missing) != 1) {
			t.Errorf("%d: %+v", c.status, p)
		}
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	c, _ := client.New(gone.URL, "")
	if _, err := c.Stage(t.Context(), "orders"); err == nil || !strings.HasPrefix(err.Error(), "server "+gone.URL+": ") || strings.Count(err.Error(), gone.URL) != 1 {
		t.Error(err)
	}
	for _, address := range []string{"", "localhost:8080", "ftp://a", "http://"} {
		if _, err := client.New(address, ""); err == nil {
			t.Errorf("%q is an address", address)
		}
	}
}

func TestTheURLOfAListenAddress(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080", ":9": "http://127.0.0.1:9", "0.0.0.0:9": "http://127.0.0.1:9", "[::]:9": "http://127.0.0.1:9", "[::1]:9": "http://[::1]:9", "host:9": "http://host:9",
	} {
		if got := client.URLOf(listen); got != want {
			t.Errorf("%s: %s, want %s", listen, got, want)
		}
	}
}
