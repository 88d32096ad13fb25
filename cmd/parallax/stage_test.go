package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/diff"
	"parallax/reports/store"
	"parallax/server/resource"
	"parallax/shadow/stage"
)

// answeringServer answers like the API: with a stage, or with a problem.
type answeringServer struct {
	stage   resource.Stage
	history []resource.StageChange
	problem *resource.Problem
	asked   []resource.StageRequest
	token   string
}

func (s *answeringServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.token = r.Header.Get("Authorization")
	if r.Method == http.MethodPost {
		var request resource.StageRequest
		_ = json.NewDecoder(r.Body).Decode(&request)
		s.asked = append(s.asked, request)
	}
	switch {
	case s.problem != nil:
		w.WriteHeader(s.problem.Status)
		_ = json.NewEncoder(w).Encode(s.problem)
	case strings.HasSuffix(r.URL.Path, "/v1/jobs/orders/stage/history"):
		_ = json.NewEncoder(w).Encode(resource.Page[resource.StageChange]{Items: s.history})
	case strings.HasSuffix(r.URL.Path, "/v1/jobs/orders/stage"):
		_ = json.NewEncoder(w).Encode(s.stage)
	default:
		http.NotFound(w, r)
	}
}

func parsedStage(t *testing.T, text string) stage.Stage {
	t.Helper()
	s, err := stage.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// inCanary is a job in canary:5 of the default plan, 41 minutes after the step began.
func inCanary(t *testing.T) *answeringServer {
	level := diff.E2
	s := resource.Stage{Job: "orders", Stage: parsedStage(t, "canary:5"), Step: 1, Since: time.Now().Add(-41*time.Minute - 10*time.Second), Emits: "V1, V2 5 % verified E2", Level: &level}
	for _, step := range []string{"canary:1", "canary:5", "canary:25", "promoted", "done"} {
		s.Plan = append(s.Plan, resource.PlanStep{Stage: parsedStage(t, step)})
	}
	const waits = "stays 19m more in canary:5 (1h by migration.plan)"
	s.Next = &resource.NextStage{Stage: parsedStage(t, "canary:25"), At: time.Now().Add(19*time.Minute + 30*time.Second), Waits: waits, Missing: []string{"needs 1,412 more key units", waits}}
	return &answeringServer{stage: s}
}

// stageOf runs parallax stage against a server.
func (s *answeringServer) run(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	srv := httptest.NewServer(s)
	defer srv.Close()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"stage", "orders", "--server", srv.URL}, args...), nil, &o, &e)
	return code, o.String(), e.String()
}

func TestAStageIsShownWithWhatTheNextOneNeeds(t *testing.T) {
	s := inCanary(t)
	code, out, errs := s.run(t)
	if want := "orders  canary:5 (2/4)  41m  emits V1, V2 5 % verified E2\nnext  canary:25 in 19m, needs 1,412 more key units\n"; code != 0 || out != want || errs != "" {
		t.Errorf("%d, %q, %q", code, out, errs)
	}
	s.stage.Next.Missing = append([]string{"needs 5 more rows"}, s.stage.Next.Missing...)
	if _, out, _ = s.run(t); !strings.HasSuffix(out, "next  canary:25 in 19m, needs 5 more rows\n      needs 1,412 more key units\n") {
		t.Errorf("%q", out)
	}
	s.stage.Next.Missing, s.stage.Next.Waits = nil, ""
	s.stage.Last = &stage.Change{To: s.stage.Stage, IsForced: true, Who: "ana", Why: "we know"}
	if _, out, _ = s.run(t); !strings.HasSuffix(out, "\nforced  by ana: we know\nnext  canary:25 now\n") {
		t.Errorf("%q", out)
	}
	s.stage.Next = nil
	if _, out, _ = s.run(t, "--json"); !json.Valid([]byte(out)) || !strings.Contains(out, `"stage":"canary:5"`) {
		t.Errorf("%q", out)
	}
}

func TestAChangeOfStageIsAskedFor(t *testing.T) {
	s := inCanary(t)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"next", "--token-file", token},
		{"back", "--reason", "slow"},
		{"set", "promoted", "--force", "--reason", "we know"},
		{"release", "--reason", "the broker was slow"},
	} {
		if code, out, errs := s.run(t, args...); code != 0 || !strings.HasPrefix(out, "orders  canary:5") || errs != "" {
			t.Errorf("%v: %d, %q, %q", args, code, out, errs)
		}
		if (s.token == "Bearer secret") != (args[0] == "next") {
			t.Errorf("%v: token %q", args, s.token)
		}
	}
	want := []resource.StageRequest{{To: "next"}, {To: "back", Reason: "slow"}, {To: "promoted", Force: true, Reason: "we know"}, {To: "release", Reason: "the broker was slow"}}
	for i := range want {
		if s.asked[i] != want[i] {
			t.Errorf("%+v, want %+v", s.asked[i], want[i])
		}
	}
}

func TestARefusalHasTheExitCodeOfWhatRefuses(t *testing.T) {
	for verdict, want := range map[string]int{"fail": 1, "inconclusive": 3, "error": 2, "held": 2, "": 2} {
		s := inCanary(t)
		s.problem = &resource.Problem{Status: 409, Detail: "canary:25 cannot be reached yet: a", Do: "wait", Verdict: verdict, Missing: []string{"a", "b"}}
		code, out, errs := s.run(t, "next")
		if code != want || out != "" || errs != "parallax: canary:25 cannot be reached yet: a; b\n  wait\n" {
			t.Errorf("%s: %d, %q, %q", verdict, code, out, errs)
		}
		if code, _, errs = s.run(t, "next", "--json"); code != want || !json.Valid([]byte(errs)) {
			t.Errorf("%s: %d, %q", verdict, code, errs)
		}
	}
}

func TestTheHistoryOfStagesIsATable(t *testing.T) {
	s := inCanary(t)
	if _, out, _ := s.run(t, "--history"); out != "the stage has not changed yet\n" {
		t.Errorf("%q", out)
	}
	at := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	s.history = []resource.StageChange{
		{From: parsedStage(t, "canary:1"), At: at.Add(time.Hour), Who: "parallax", Why: "1 root divergence", Cause: stage.Divergence, IsAutomatic: true, Strikes: 1},
		{To: parsedStage(t, "canary:1"), At: at, Who: "ana", Why: "the gate passes", Verdict: "0123456789ab"},
	}
	const want = `time                 from      to        who       how                    why
2030-01-02 04:04:05  canary:1  shadow    parallax  by itself, divergence  1 root divergence
2030-01-02 03:04:05  shadow    canary:1  ana       verdict 0123456789ab   the gate passes
`
	if code, out, _ := s.run(t, "--history"); code != 0 || out != want {
		t.Errorf("%d\n%s", code, out)
	}
}

// TestAJobFileSaysWhereItsServerIs, so that --server can be left out.
func TestAJobFileSaysWhereItsServerIs(t *testing.T) {
	s := inCanary(t)
	srv := httptest.NewServer(s)
	defer srv.Close()
	path := filepath.Join(t.TempDir(), "j.yaml")
	text := "job: orders\nkafka: {brokers: [a:1], group: g}\nsql: SELECT 1 FROM t;\nlisten: " + strings.TrimPrefix(srv.URL, "http://") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"stage", path}, nil, &out, &errs); code != 0 || !strings.HasPrefix(out.String(), "orders  canary:5 (2/4)") {
		t.Errorf("%d, %s, %s", code, &out, &errs)
	}
}

func TestWrongUseOfStageIsRefusedBeforeTheServerIsAsked(t *testing.T) {
	for want, args := range map[string][]string{
		"use next, back, release, or set with a stage":  {"forward"},
		"set needs a stage":                             {"set"},
		"next takes no stage: use set canary:5":         {"next", "canary:5"},
		"--reason, --force and --wait are for a change": {"--force"},
		"--history shows changes and makes none":        {"next", "--history"},
		"--token-file: ":                                {"--token-file", "/nowhere/token"},
	} {
		s := inCanary(t)
		if code, _, errs := s.run(t, args...); code != 2 || !strings.Contains(errs, want) || len(s.asked) != 0 {
			t.Errorf("%v: %d, %s", args, code, errs)
		}
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"stage", "orders", "--server", "localhost:8080"}, nil, &out, &errs); code != 2 || !strings.Contains(errs.String(), "write it as http://127.0.0.1:8080") {
		t.Errorf("%d, %s", code, &errs)
	}
	if code := run(t.Context(), []string{"stage", "orders", "--server", "http://127.0.0.1:1"}, nil, &out, &errs); code != 2 || !strings.Contains(errs.String(), "name the address of a running job or server with --server") {
		t.Errorf("%d, %s", code, &errs)
	}
}

// TestHistoryListsTheChangesOfStage below the days.
func TestHistoryListsTheChangesOfStage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "j.yaml")
	if err := os.WriteFile(path, []byte("job: orders\nkafka: {brokers: [a:1], group: g}\nsql: SELECT 1 FROM t;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := store.OpenHistory(filepath.Join(dir, "evidence"), "orders")
	if err != nil {
		t.Fatal(err)
	}
	c := stage.Change{To: parsedStage(t, "canary:1"), At: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC), Who: "ana", Why: "we know", IsForced: true}
	if err := errors.Join(h.AddStageChange(c), h.Close()); err != nil {
		t.Fatal(err)
	}
	const want = `no evidence is stored yet

changes of stage
time                 from    to        who  how     why
2030-01-02 03:04:05  shadow  canary:1  ana  forced  we know
`
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"history", path}, nil, &out, &errs); code != 0 || out.String() != want {
		t.Errorf("%d\n%s%s", code, &out, &errs)
	}
	out.Reset()
	var document struct {
		Changes []stage.Change `json:"stage_changes"`
	}
	if code := run(t.Context(), []string{"history", path, "--json"}, nil, &out, &errs); code != 0 || json.Unmarshal(out.Bytes(), &document) != nil || len(document.Changes) != 1 || document.Changes[0] != c {
		t.Errorf("%d\n%s", code, &out)
	}
}

// waitedStage answers each request for a step with the next of its verdicts, "" for a change.
// Between them it shows what is missing: n times something, and then nothing.
type waitedStage struct {
	answers []string
	missing int
	shows   resource.NextStage // when nothing is missing
	asked   int
	in      stage.Stage
}

func (s *waitedStage) SetStage(context.Context, string, resource.StageRequest) (resource.Stage, error) {
	verdict := s.answers[s.asked]
	s.asked++
	switch verdict {
	case "":
		return resource.Stage{}, nil
	case "not active":
		return resource.Stage{}, &resource.Problem{Status: 421}
	}
	return resource.Stage{}, &resource.Problem{Status: 409, Verdict: verdict}
}

func (s *waitedStage) Stage(context.Context, string) (resource.Stage, error) {
	if s.missing--; s.missing >= 0 {
		return resource.Stage{Stage: s.in, Next: &resource.NextStage{Missing: []string{"needs 5 more rows"}}}, nil
	}
	return resource.Stage{Stage: s.in, Next: &s.shows}, nil
}

// TestAStepIsWaitedFor as long as only evidence or time is missing. It is asked for again only when
// that may have passed, because each refused request is a line of the audit.
func TestAStepIsWaitedFor(t *testing.T) {
	for _, test := range []struct {
		name   string
		server waitedStage
		force  bool
		wait   time.Duration
		want   string
		asked  int
		took   time.Duration
	}{
		{"it is reached", waitedStage{answers: []string{"not active", ""}, missing: 20}, false, time.Minute, "", 2, 42 * time.Second},
		{"a fail ends the wait", waitedStage{answers: []string{"inconclusive", "fail"}, missing: 1, shows: resource.NextStage{IsFail: true, Missing: []string{"1 root divergence"}}}, false, time.Minute, "fail", 2, 4 * time.Second},
		{"the wait is over", waitedStage{answers: []string{"inconclusive", "inconclusive"}, missing: 100}, false, 31 * time.Second, "inconclusive", 2, 31 * time.Second},
		{"the gate sees more than the stage shows", waitedStage{answers: []string{"inconclusive", "inconclusive", "inconclusive", ""}}, false, time.Minute, "", 4, 14 * time.Second},
		{"without a wait", waitedStage{answers: []string{"inconclusive"}}, false, 0, "inconclusive", 1, 0},
		{"a forced step does not wait for the gate", waitedStage{answers: []string{"inconclusive", ""}, missing: 100}, true, time.Minute, "", 2, 2 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begin, s := time.Now(), test.server
				c := stageCommand{Wait: test.wait}
				_, err := c.change(t.Context(), &s, "orders", resource.StageRequest{To: "next", Force: test.force})
				got := ""
				if p, ok := errors.AsType[*resource.Problem](err); ok {
					got = p.Verdict
				}
				if got != test.want || s.asked != test.asked || time.Since(begin) != test.took {
					t.Errorf("%q after %d and %v", got, s.asked, time.Since(begin))
				}
			})
		})
	}
	t.Run("a step back does not wait for the gate", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			begin, s := time.Now(), waitedStage{answers: []string{"inconclusive", ""}, missing: 100, in: stage.Stage{Kind: stage.Promoted}}
			c := stageCommand{Wait: time.Minute}
			if _, err := c.change(t.Context(), &s, "orders", resource.StageRequest{To: "canary:10"}); err != nil || s.asked != 2 || time.Since(begin) != 2*time.Second {
				t.Errorf("%v after %d and %v", err, s.asked, time.Since(begin))
			}
		})
	})
}
