package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/reports/gate"
	"parallax/reports/verdict"
	"parallax/server/resource"
	"parallax/server/resource/resourcetest"
	"parallax/shadow/evidence"
)

// judged returns a verdict of a state on evidence of a version of V2.
func judged(t *testing.T, state gate.State, v2 string) verdict.Document {
	t.Helper()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := &evidence.Stretch{
		First: at.Add(-time.Hour), Last: at, Identity: evidence.RunIdentity{Run: "0123456789ab", V1: "v1 1.4.0", V2: v2},
		Report: evidence.Report{
			Ledger: diff.Ledger{Compared: 20_000}, Candidate: evidence.Candidate{
				Implementation: "V2", Partitions: []evidence.Partition{{Records: 20_000}}, Routing: []evidence.Routing{{Records: []int64{9_000, 11_000}}},
			},
			Sensitivity: evidence.Sensitivity{Mutations: []evidence.Mutation{{Name: "extra", Injected: 5, Detected: 5}}},
			Diff:        diff.Result{LevelHeld: diff.E1, Outputs: []diff.Output{{Topic: "out", LevelHeld: diff.E1, Rows: 20_000, Unit: diff.UnitRow, Units: 20_000}}},
		},
	}
	switch state {
	case gate.Fail:
		s.Diff.Root = 2
	case gate.Error:
		s.Ledger.Gap = 1
	case gate.Inconclusive:
		s.Last = at.Add(-25 * time.Hour)
	}
	d, err := verdict.Make("trades", gate.DefaultPolicy(), gate.OfStretch(s, nil, at))
	if err != nil {
		t.Fatal(err)
	}
	if d.Verdict != state {
		t.Fatalf("%s: %s; want %s", d.Verdict, d.Reason, state)
	}
	return d
}

// oneJob is a service with the job trades only.
type oneJob struct {
	*resourcetest.Service
	of func(context.Context) (verdict.Document, error)
}

func (oneJob) Jobs(context.Context) ([]resource.Job, error) {
	return []resource.Job{{Job: "trades"}}, nil
}

func (o oneJob) Verdict(ctx context.Context, _ string) (verdict.Document, error) { return o.of(ctx) }

// serve serves a verdict on the job trades.
func serve(t *testing.T, of func(context.Context) (verdict.Document, error)) *client {
	t.Helper()
	c := newClient(t).as(resource.View)
	c.api.Service = oneJob{c.service, of}
	return c
}

func always(d verdict.Document) func(context.Context) (verdict.Document, error) {
	return func(context.Context) (verdict.Document, error) { return d, nil }
}

func TestTheGateAnswers200ForEveryVerdict(t *testing.T) {
	const v2 = "v2:4 1.4.0"
	for _, c := range []struct {
		name, job string
		verdict   func(context.Context) (verdict.Document, error)
		want      map[string]any
	}{
		{"pass", "trades", always(judged(t, gate.Pass, v2)), map[string]any{"verdict": "pass", "code": 0.0, "v1": "v1 1.4.0", "v2": v2, "run": "0123456789ab", "expires": "2026-03-02T12:00:00Z"}},
		{"fail", "trades", always(judged(t, gate.Fail, v2)), map[string]any{"verdict": "fail", "code": 1.0, "v2": v2}},
		{"error", "trades", always(judged(t, gate.Error, v2)), map[string]any{"verdict": "error", "code": 2.0, "v2": v2}},
		{"stale", "trades", always(judged(t, gate.Inconclusive, v2)), map[string]any{"verdict": "inconclusive", "code": 3.0, "v2": v2, "expires": "2026-03-01T11:00:00Z"}},
		{"empty", "trades", always(verdict.Document{Verdict: gate.Inconclusive, Code: 3}), map[string]any{"verdict": "inconclusive", "v2": "", "run": "", "expires": ""}},
		{"a store that cannot be read", "trades", func(context.Context) (verdict.Document, error) {
			return verdict.Document{}, errors.New("the disk is gone")
		}, map[string]any{"verdict": "error", "code": 2.0, "reason": "the disk is gone"}},
		{"another job", "orders", always(judged(t, gate.Pass, v2)), map[string]any{"verdict": "error", "reason": `job "orders" is not served here: this address serves job "trades"; set ?job=`}},
		{"no job", "", always(judged(t, gate.Pass, v2)), map[string]any{"verdict": "error"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := serve(t, c.verdict).do("GET", "/v1/gate?job="+c.job, "")
			code, body := w.Code, w.Body.String()
			var got map[string]map[string]any
			if err := json.Unmarshal([]byte(body), &got); err != nil || code != 200 || len(got["gate"]) != 7 {
				t.Fatalf("%d %s: %v", code, body, err)
			}
			for key, want := range c.want {
				if got["gate"][key] != want {
					t.Errorf("%s is %v, want %v", key, got["gate"][key], want)
				}
			}
		})
	}
}

// TestFlaggersWebhooks: Flagger takes a status up to 202 for yes.
func TestFlaggersWebhooks(t *testing.T) {
	const v2 = "v2:4 1.4.0"
	call := func(metadata string) string {
		return `{"name":"trades","namespace":"prod","phase":"Progressing","checksum":"85d557f47b","metadata":` + metadata + `}`
	}
	same := call(`{"v2":"v2:4 1.4.0"}`)
	for _, c := range []struct {
		name              string
		state             gate.State
		body              string
		promote, rollback int
		text              string
	}{
		{"pass", gate.Pass, same, 200, 403, ""},
		{"fail", gate.Fail, same, 403, 200, "the verdict is fail: 2 root divergences"},
		{"inconclusive", gate.Inconclusive, same, 403, 403, "the verdict is inconclusive: the evidence is stale"},
		{"error", gate.Error, same, 403, 403, "the verdict is error: the ledger is inconsistent"},
		{"another version", gate.Pass, call(`{"v2":"v2:4 1.5.0"}`), 412, 412, `the verdict is about V2 "v2:4 1.4.0", and metadata.v2 is "v2:4 1.5.0"`},
		{"no version", gate.Pass, call(`{}`), 412, 412, "metadata.v2 is missing"},
		{"no metadata", gate.Pass, `{"name":"trades","namespace":"prod","phase":"Progressing"}`, 412, 412, "metadata.v2 is missing"},
		{"the job by its name", gate.Pass, call(`{"v2":"v2:4 1.4.0","job":"trades"}`), 200, 403, ""},
		{"another job", gate.Pass, call(`{"v2":"v2:4 1.4.0","job":"orders"}`), 412, 412, `job "orders" is not served here`},
		{"no JSON", gate.Pass, "hello", 400, 400, "the body is not a webhook of Flagger"},
		{"a body without end", gate.Pass, `{"name":"` + strings.Repeat("x", 70_000) + `"}`, 400, 400, "the body is not a webhook of Flagger"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := serve(t, always(judged(t, c.state, v2)))
			for path, want := range map[string]int{"confirm-promotion": c.promote, "rollback": c.rollback} {
				w := server.do("POST", "/v1/flagger/"+path, c.body)
				code, body := w.Code, w.Body.String()
				if code != want {
					t.Errorf("%s: %d %s; want %d", path, code, body, want)
				}
				if line := strings.TrimSuffix(body, "\n"); code != 200 && (!strings.HasPrefix(line, c.text) && c.text != "" || strings.Contains(line, "\n") || len([]rune(line)) > 200) {
					t.Errorf("%s: %q; want one short line that begins with %q", path, body, c.text)
				}
			}
			if w := server.do("GET", "/v1/flagger/rollback", ""); w.Code != http.StatusMethodNotAllowed {
				t.Errorf("GET: %d", w.Code)
			}
		})
	}
}

// With several jobs a webhook names its job.
func TestAWebhookNamesOneOfSeveralJobs(t *testing.T) {
	c := newClient(t)
	d, err := c.service.Verdict(t.Context(), "fees")
	if err != nil {
		t.Fatal(err)
	}
	for metadata, want := range map[string]int{
		`{"job":"fees","v2":"` + d.V2 + `"}`:   http.StatusOK,
		`{"v2":"` + d.V2 + `"}`:                http.StatusPreconditionFailed,
		`{"job":"other","v2":"` + d.V2 + `"}`:  http.StatusPreconditionFailed,
		`{"job":"orders","v2":"` + d.V2 + `"}`: http.StatusForbidden,
	} {
		if w := c.do("POST", "/v1/flagger/confirm-promotion", `{"metadata":`+metadata+`}`); w.Code != want {
			t.Errorf("%s: %d %s; want %d", metadata, w.Code, w.Body, want)
		}
	}
}
