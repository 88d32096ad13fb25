package api

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/server/access"
	"parallax/server/resource"
)

// target is a request's target for a route.
func target(r route) string {
	path := strings.NewReplacer("{job}", "orders", "{id}", "x", "{profile...}", "heap").Replace(r.path)
	if slices.Contains(r.query, "dry_run") && r.needs == resource.Operate {
		path += "?dry_run" // without it they need more
	}
	return path
}

// roles are all roles, after no token.
var roles = []resource.Role{"", resource.View, resource.Operate, resource.Deploy}

// Every route answers 401 without a token, and 403 with a role that is not sufficient, before it
// looks at anything else.
func TestEveryRouteNeedsItsRole(t *testing.T) {
	for _, r := range routes {
		if strings.HasPrefix(r.path, "/debug/pprof/") && r.path != "/debug/pprof/cmdline" || r.path == "/v1/events" {
			r.raw = nil // they take long; admit decides before
			r.answer = func(*request) (*answer, error) { return ok("admitted"), nil }
		}
		for _, role := range roles {
			c := newClient(t)
			c.caller = access.Caller{NeedsToken: true, IsKnown: role != "", Actor: resource.Actor{Name: "anna", Role: role}}
			w := httptest.NewRecorder()
			q := httptest.NewRequest(r.method, target(r), strings.NewReader("nonsense"))
			c.api.handler(r).ServeHTTP(w, q.WithContext(access.WithCaller(q.Context(), c.caller)))
			switch isRefused := w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), "role not sufficient"); {
			case r.needs == "" || role.Includes(r.needs):
				if isRefused {
					t.Errorf("%s %s as %q: %d %s", r.method, r.path, role, w.Code, w.Body)
				}
			case role == "" && (w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == ""):
				t.Errorf("%s %s without a token: %d %v", r.method, r.path, w.Code, w.Header())
			case role != "" && w.Code != http.StatusForbidden:
				t.Errorf("%s %s as %q: %d", r.method, r.path, role, w.Code)
			case role != "" && r.method != "GET" && len(c.refused) != 1:
				t.Errorf("%s %s as %q: the audit has %+v", r.method, r.path, role, c.refused)
			}
		}
	}
}

// What is done decides the role, not only the path.
func TestOperatorsGoBackAndProposeOnly(t *testing.T) {
	const rule = `{"rule":{"column":"PRICE","absolute":0.01,"owner":"anna","reason":"noise","expires":"2027-01-01","max_rate":0.1}}`
	const acceptance = `{"signature":"0123456789ab","owner":"anna","reason":"intended","expires":"2027-01-01","max_count":10}`
	for _, c := range []struct {
		target, body   string
		operate, audit int
	}{
		{"/v1/jobs/orders/stage", `{"to":"back"}`, 200, 0},
		{"/v1/jobs/orders/stage", `{"to":"canary:1"}`, 200, 0},
		{"/v1/jobs/orders/stage", `{"to":"next"}`, 403, 1},
		{"/v1/jobs/orders/stage", `{"to":"canary:25"}`, 403, 1},
		{"/v1/jobs/orders/stage", `{"to":"done","force":true,"reason":"x"}`, 403, 1},
		{"/v1/jobs/orders/stage", `{"to":"back","force":true}`, 403, 1},
		{"/v1/jobs/settlements/stage", `{"to":"release","reason":"x"}`, 403, 1},
		{"/v1/jobs/orders/rules?dry_run", rule, 200, 0},
		{"/v1/jobs/orders/rules?dry_run=false", rule, 403, 1},
		{"/v1/jobs/orders/rules", rule, 403, 1},
		{"/v1/jobs/orders/accept?dry_run", acceptance, 200, 0},
		{"/v1/jobs/orders/accept", acceptance, 403, 1},
	} {
		o := newClient(t).as(resource.Operate)
		if w := o.do("POST", c.target, c.body); w.Code != c.operate || len(o.refused) != c.audit {
			t.Errorf("%s %s as operate: %d %s, audit %+v", c.target, c.body, w.Code, w.Body, o.refused)
		}
		if w := newClient(t).do("POST", c.target, c.body); w.Code == 403 {
			t.Errorf("%s %s as deploy: %d %s", c.target, c.body, w.Code, w.Body)
		}
	}
}

// A server without tokens that other machines reach answers them metrics, health and verdicts.
func TestWithoutTokensOtherMachinesReadTheMonitoringOnly(t *testing.T) {
	for _, r := range routes {
		c := newClient(t)
		c.caller = access.Caller{}
		w := c.do(r.method, target(r), "")
		isRefused := w.Code == http.StatusForbidden && strings.Contains(w.Body.String(), "not from another machine")
		if want := r.needs != "" && !r.isMonitoring; isRefused != want {
			t.Errorf("%s %s: %d %s", r.method, r.path, w.Code, w.Body)
		}
	}
}

func TestRefusalsDoNotFillTheAudit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t).as(resource.View)
		for range 1000 {
			c.do("DELETE", "/v1/jobs/orders", "")
		}
		if len(c.refused) != refusalsASecond {
			t.Errorf("1000 at once: %d entries, want %d", len(c.refused), refusalsASecond)
		}
		if e := c.refused[0]; e.Who != "anna" || e.Role != resource.View || e.Job != "orders" || e.What != "DELETE /v1/jobs/{job}" {
			t.Errorf("%+v", e)
		}
		time.Sleep(time.Second) // on the fake clock
		if c.do("DELETE", "/v1/jobs/orders", ""); len(c.refused) != refusalsASecond+1 {
			t.Errorf("a second later: %d entries", len(c.refused))
		}
	})
}
