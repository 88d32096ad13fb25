package api

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"parallax/server/access"
	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
)

// Every list and every document of every job is as the document describes it.
func TestEveryAnswerIsAsDescribed(t *testing.T) {
	c := newClient(t)
	jobs, err := c.service.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes {
		if r.method != "GET" || !strings.Contains(r.path, "{job}") || strings.Contains(r.path, "{id}") {
			continue
		}
		for _, j := range jobs {
			if w := c.do("GET", strings.ReplaceAll(r.path, "{job}", j.Job), ""); w.Code != http.StatusOK {
				t.Errorf("%s of %s: %d %s", r.path, j.Job, w.Code, w.Body)
			}
		}
		if w := c.do("GET", strings.ReplaceAll(r.path, "{job}", "nothing"), ""); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `\"nothing\"`) {
			t.Errorf("%s of a job that does not exist: %d %s", r.path, w.Code, w.Body)
		}
	}
	for _, target := range []string{"/v1/jobs", "/v1/audit", "/v1/audit?limit=1", "/metrics", "/healthz", "/readyz", "/v1/gate?job=orders", "/v1/gate"} {
		if w := c.do("GET", target, ""); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	if w := c.do("GET", "/debug/pprof/goroutine?debug=1", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "goroutine profile") {
		t.Errorf("a profile: %d", w.Code)
	}
}

// The statuses are a contract: what a client sends decides them.
func TestWhatARequestIsAnswered(t *testing.T) {
	const json, yaml = "application/json", "application/yaml"
	const accept = `{"signature":"%","owner":"anna","reason":"rounding","expires":"2027-01-01","max_count":1000000}`
	long := strings.Repeat("x", bodyMost+1)
	for _, c := range []struct {
		name, method, target, contentType, body string
		status                                  int
		contains                                string
	}{
		{"deploy", "PUT", "/v1/jobs/new", yaml, "job: new\n", 200, `"change":"new"`},
		{"a dry run", "PUT", "/v1/jobs/new?dry_run", yaml, "job: new\n", 200, `"change":"new"`},
		{"a dry run, written out", "PUT", "/v1/jobs/new?dry_run=true", "text/yaml; charset=utf-8", "job: new\n", 200, `"change":"new"`},
		{"a dry run, misspelled", "PUT", "/v1/jobs/new?dryrun", yaml, "job: new\n", 400, "the parameters here are dry_run"},
		{"a dry run of maybe", "PUT", "/v1/jobs/new?dry_run=maybe", yaml, "job: new\n", 400, "neither true nor false"},
		{"a dry run twice", "PUT", "/v1/jobs/new?dry_run=true&dry_run=false", yaml, "job: new\n", 400, "dry_run 2 times"},
		{"a query that is broken", "PUT", "/v1/jobs/new?dry_run=%zz", yaml, "job: new\n", 400, "the query cannot be read"},
		{"a broken file", "PUT", "/v1/jobs/new", yaml, "nothing\n", 422, "no field job"},
		{"no file", "PUT", "/v1/jobs/new", yaml, "", 400, "--data-binary @job.yaml"},
		{"as curl sends it by itself", "PUT", "/v1/jobs/new", "application/x-www-form-urlencoded", "job: new\n", 415, "Content-Type: application/yaml"},
		{"without a type", "PUT", "/v1/jobs/new", "", "job: new\n", 415, "Content-Type: application/yaml"},
		{"a file that is too large", "PUT", "/v1/jobs/new", yaml, long, 413, "1048576 bytes"},
		{"a name with a slash", "PUT", "/v1/jobs/a%2Fb", yaml, "job: a/b\n", 400, "cannot be the name of a job"},
		{"a name with a line end", "PUT", "/v1/jobs/a%0D%0Ab", yaml, "job: a\n", 400, "cannot be the name of a job"},
		{"a hidden name", "PUT", "/v1/jobs/.a", yaml, "job: a\n", 400, "cannot be the name of a job"},
		{"a long name", "PUT", "/v1/jobs/" + strings.Repeat("a", 201), yaml, "job: a\n", 400, "at most 200"},

		{"pause", "POST", "/v1/jobs/orders/pause", "", "", 200, `"state":"paused"`},
		{"resume what runs", "POST", "/v1/jobs/orders/resume", "", "", 409, "is running"},
		{"remove", "DELETE", "/v1/jobs/orders", "", "", 200, `"job":"orders"`},
		{"rescale", "POST", "/v1/jobs/orders/rescale", json, `{"partitions":8}`, 200, `"v2":"v2:8"`},
		{"rescale to none", "POST", "/v1/jobs/orders/rescale", json, `{"partitions":0}`, 400, "greater than 0"},
		{"rescale without a number", "POST", "/v1/jobs/orders/rescale", json, `{}`, 400, "greater than 0"},
		{"rescale to a text", "POST", "/v1/jobs/orders/rescale", json, `{"partitions":"8"}`, 400, "invalid JSON"},

		{"forward, and the gate refuses", "POST", "/v1/jobs/orders/stage", json, `{"to":"next"}`, 409, `"missing":[`},
		{"forward by force", "POST", "/v1/jobs/orders/stage", json, `{"to":"next","force":true,"reason":"tested"}`, 200, `"stage":"canary:25"`},
		{"back", "POST", "/v1/jobs/orders/stage", json, `{"to":"back"}`, 200, `"stage":"canary:1"`},
		{"no stage", "POST", "/v1/jobs/orders/stage", json, `{"to":"production"}`, 400, "the stages are shadow"},
		{"an unknown field", "POST", "/v1/jobs/orders/stage", json, `{"to":"back","froce":true}`, 400, `unknown field \"froce\"`},
		{"two objects", "POST", "/v1/jobs/orders/stage", json, `{"to":"back"}{"to":"back"}`, 400, "more than one JSON value"},
		{"an array", "POST", "/v1/jobs/orders/stage", json, `[]`, 400, "must be a JSON object"},
		{"null", "POST", "/v1/jobs/orders/stage", json, `null`, 400, "must be a JSON object"},
		{"half an object", "POST", "/v1/jobs/orders/stage", json, `{"to":`, 400, "invalid JSON"},
		{"a form", "POST", "/v1/jobs/orders/stage", "application/x-www-form-urlencoded", `to=back`, 415, "Content-Type: application/json"},

		{"a rule, dry", "POST", "/v1/jobs/trades-by-symbol/rules?dry_run", json, `{"rule":{"column":"PRICE","absolute":0.01,"owner":"anna","reason":"noise","expires":"2027-01-01","max_rate":0.1}}`, 200, `"adopted":false`},
		{"a rule that is not one", "POST", "/v1/jobs/trades-by-symbol/rules", json, `{"rule":{"column":"PRICE"}}`, 422, "Rule is not valid"},
		{"an acceptance that is not one", "POST", "/v1/jobs/trades-by-symbol/accept", json, strings.ReplaceAll(accept, "%", "x"), 422, "Acceptance is not valid"},
		{"explain nothing", "POST", "/v1/jobs/orders/explain", json, `{}`, 400, "signature: missing"},
		{"explain what is not there", "POST", "/v1/jobs/orders/explain", json, `{"signature":"x"}`, 404, "no signature"},
		{"an explanation that is not there", "GET", "/v1/jobs/orders/explain/x", "", "", 404, "no explanation"},

		{"too long a list", "GET", "/v1/jobs/orders/signatures?limit=1001", "", "", 400, "a number from 1 to 1000"},
		{"an empty list", "GET", "/v1/jobs/orders/divergences?limit=0", "", "", 400, "a number from 1 to 1000"},
		{"after what is not there", "GET", "/v1/jobs/orders/history?after=x", "", "", 400, "begin without after"},
		{"a long after", "GET", "/v1/jobs/orders/history?after=" + strings.Repeat("x", 201), "", "", 400, "too long"},
		{"an unknown parameter", "GET", "/v1/jobs?job=orders", "", "", 400, "remove it"},
		{"a format that is not one", "GET", "/v1/jobs/orders/reports/x?format=pdf", "", "", 400, "html, json, junit, md, text"},
		{"a report that is not there", "GET", "/v1/jobs/orders/reports/x", "", "", 404, "no report"},

		{"another method", "PATCH", "/v1/jobs/orders", "", "", 405, "use DELETE, GET, HEAD, PUT"},
		{"a path that is not there", "GET", "/v1/nothing", "", "", 404, "/v1/openapi.json"},
		{"a path that is not clean", "GET", "/v1/jobs/../../etc/passwd", "", "", 404, "no such path"},
		{"an escaped one", "GET", "/v1/jobs/..%2f..%2fetc", "", "", 404, "no such path"},
		{"two slashes", "GET", "/v1//jobs", "", "", 404, "no such path"},
		{"no page", "GET", "/", "", "", 404, "no such path"},
		{"the old path of several jobs", "POST", "/v2/rescale?partitions=8", "", "", 409, "/v1/jobs/{job}/rescale"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newClient(t).send(c.method, c.target, c.contentType, c.body)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.contains) {
				t.Errorf("%d %s; want %d with %q", w.Code, w.Body, c.status, c.contains)
			}
		})
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	c := newClient(t)
	before := c.do("GET", "/v1/jobs", "").Body.String()
	c.send("PUT", "/v1/jobs/new?dry_run", "application/yaml", "job: new\n")
	if after := c.do("GET", "/v1/jobs", "").Body.String(); after != before {
		t.Errorf("after a dry run:\n%s\nbefore:\n%s", after, before)
	}
	c.send("PUT", "/v1/jobs/new", "application/yaml", "job: new\n")
	if after := c.do("GET", "/v1/jobs", "").Body.String(); after == before {
		t.Error("the job was not deployed")
	}
}

func TestExplainIsAcceptedWithAPlaceToAsk(t *testing.T) {
	c := newClient(t)
	list, err := c.service.Signatures(t.Context(), "trades-by-symbol")
	if err != nil {
		t.Fatal(err)
	}
	w := c.do("POST", "/v1/jobs/trades-by-symbol/explain", `{"signature":"`+list[0].ID+`"}`)
	place := w.Header().Get("Location")
	if w.Code != http.StatusAccepted || !strings.HasPrefix(place, "/v1/jobs/trades-by-symbol/explain/") {
		t.Fatalf("%d, Location %q", w.Code, place)
	}
	if w := c.do("GET", place, ""); w.Code != http.StatusOK {
		t.Errorf("%s: %d %s", place, w.Code, w.Body)
	}
}

func TestAListIsReadInParts(t *testing.T) {
	c := newClient(t)
	for _, list := range []string{"signatures", "columns", "history", "reports", "audit"} {
		whole := c.items("/v1/jobs/trades-by-symbol/" + list)
		var parts []string
		for after, first := "", true; first || after != ""; first = false {
			items, next := c.page("/v1/jobs/trades-by-symbol/" + list + "?limit=1&after=" + after)
			parts, after = append(parts, items...), next
			if len(parts) > len(whole) {
				break
			}
		}
		if len(whole) < 2 || strings.Join(parts, "\n") != strings.Join(whole, "\n") {
			t.Errorf("%s: %d items in parts, %d at once", list, len(parts), len(whole))
		}
	}
}

func TestReportsComeAsTheirFormat(t *testing.T) {
	c := newClient(t)
	reports, err := c.service.Reports(t.Context(), "orders")
	if err != nil || len(reports) == 0 {
		t.Fatal(reports, err)
	}
	for _, format := range reports[0].Formats {
		w := c.do("GET", "/v1/jobs/orders/reports/"+reports[0].ID+"?format="+format, "")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != reportTypes[format] {
			t.Errorf("%s: %d %s", format, w.Code, w.Header().Get("Content-Type"))
		}
		if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") {
			t.Errorf("%s: the policy is %q", format, policy)
		}
	}
}

// An error that a client can do nothing about is in the log, not in the answer.
func TestAnInternalErrorIsNotShown(t *testing.T) {
	c := newClient(t)
	c.service.Fail(errors.New("open /var/lib/secret: permission denied"))
	w := c.do("GET", "/v1/jobs", "")
	if p := c.problem(w); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") || !strings.Contains(p.Do, "id=") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestReadinessSaysWhyToThoseWhoMayKnow(t *testing.T) {
	c := newClient(t)
	c.service.Fail(errors.New("2 of 3 jobs wait"))
	for _, known := range []bool{true, false} {
		c.caller = access.Caller{IsKnown: known, NeedsToken: true, Actor: resource.Actor{Role: resource.View}}
		w := c.do("GET", "/readyz", "")
		if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "2 of 3") != known {
			t.Errorf("known %v: %d %s", known, w.Code, w.Body)
		}
	}
}

func TestTheOldPathRescalesTheOnlyJob(t *testing.T) {
	c := clientOf(t, resourcetest.Empty())
	c.send("PUT", "/v1/jobs/one", "application/yaml", "job: one\n")
	if w := c.do("POST", "/v2/rescale?partitions=8", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `{"processor":"v2:8"}`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, bad := range []string{"", "?partitions=0", "?partitions=x"} {
		if w := c.do("POST", "/v2/rescale"+bad, ""); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
}
