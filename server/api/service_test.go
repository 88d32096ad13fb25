package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parallax/server/jobs"
	"parallax/server/resource"
	"parallax/server/service"
	"parallax/shadow/demo"
)

// realService is the job server as serve has it, with a broker of its own.
func realService(t *testing.T) (s *service.Service, jobFile string) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	d, err := demo.New(demo.Options{Scenario: "0", Records: 5000, Partitions: 2, Strategy: "auto", Seed: 1, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	if err := d.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if s, err = service.New(service.Options{Data: data, Log: log}); err != nil {
		t.Fatal(err)
	}
	host, err := jobs.New(jobs.Options{Data: data, MaxJobs: 10, MaxRestarts: 1, Drain: 30 * time.Second, Load: s.Load, Changed: s.Changed, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	s.Serve(host)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- host.Run(ctx) }()
	go s.Watch(ctx)
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, d.JobFile()
}

// job returns a job, with the answer held against the document.
func (c *client) job(name string) (j resource.Job) {
	c.t.Helper()
	w := c.do("GET", "/v1/jobs/"+name, "")
	if err := json.Unmarshal(w.Body.Bytes(), &j); err != nil || w.Code != http.StatusOK {
		c.t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	return j
}

// awaitJob waits, from event to event, until a job is as wanted.
func (c *client) awaitJob(name string, events <-chan resource.Event, is func(resource.Job) bool) resource.Job {
	c.t.Helper()
	for {
		j := c.job(name)
		if is(j) {
			return j
		}
		if _, ok := <-events; !ok {
			c.t.Fatalf("no more events; the job is %+v", j)
		}
	}
}

// The job server itself answers as the document describes it, through the life of a job.
func TestTheJobServerAnswersAsDescribed(t *testing.T) {
	s, file := realService(t)
	c := newClient(t)
	c.api.Service = s
	events, err := s.Events(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(file, "\n")
	file = "job: first\n" + rest
	put := func(target, file, want string) {
		t.Helper()
		if w := c.send("PUT", target, "application/yaml", file); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"change":"`+want+`"`) {
			t.Fatalf("%s: %d %s; want %s", target, w.Code, w.Body, want)
		}
	}
	put("/v1/jobs/first?dry_run", file, "new")
	put("/v1/jobs/first", file, "new")
	put("/v1/jobs/first?dry_run", file, "none")
	if w := c.send("PUT", "/v1/jobs/second", "application/yaml", file); w.Code < 400 || w.Code >= 500 {
		t.Errorf("a file of another job: %d %s", w.Code, w.Body)
	}
	c.awaitJob("first", events, func(j resource.Job) bool { return j.State == resource.Running && j.Records >= 5000 })

	for _, r := range routes {
		if r.method == "GET" && strings.Contains(r.path, "{job}") && !strings.Contains(r.path, "{id}") {
			if w := c.do("GET", strings.ReplaceAll(r.path, "{job}", "first"), ""); w.Code != http.StatusOK {
				t.Errorf("%s: %d %s", r.path, w.Code, w.Body)
			}
		}
		if slices.Contains(r.query, "after") {
			for _, bad := range []string{"after=-1", "after=0", "after=%2b1", "after=5--1", "limit=-1", "limit=0", "limit=1001", "limit=", "limit=1.5", "limit=%2b5"} {
				w := c.do("GET", strings.ReplaceAll(r.path, "{job}", "first")+"?"+bad, "")
				if w.Code != http.StatusBadRequest {
					t.Errorf("%s?%s: %d %s", r.path, bad, w.Code, w.Body)
				}
			}
		}
		// Of a job that does not exist; the audit has what was asked for then.
		if strings.Contains(r.path, "{job}") && !strings.HasSuffix(r.path, "/audit") {
			w := c.do(r.method, strings.NewReplacer("{job}", "none", "{id}", "x").Replace(r.path), "")
			if w.Code < 400 || w.Code >= 500 {
				t.Errorf("%s %s of no job: %d %s", r.method, r.path, w.Code, w.Body)
			}
		}
	}
	for _, step := range []struct{ method, path, body, want string }{
		{"POST", "/pause", "", `"job":"first"`},
		{"POST", "/resume", "", `"job":"first"`},
	} {
		if w := c.do(step.method, "/v1/jobs/first"+step.path, step.body); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), step.want) {
			t.Errorf("%s: %d %s", step.path, w.Code, w.Body)
		}
		want := map[string]resource.State{"/pause": resource.Paused, "/resume": resource.Running}[step.path]
		c.awaitJob("first", events, func(j resource.Job) bool { return j.State == want })
	}
	for _, refused := range []struct {
		path, body string
		status     int
	}{
		{"/stage", `{"to":"next"}`, 0},
		{"/stage", `{"to":"nowhere"}`, 400},
		{"/rescale", `{"partitions":0}`, 400},
		{"/explain", `{"signature":"0123456789ab"}`, 0},
		{"/rules?dry_run", `{"rule":{"column":"NOTHING"}}`, 0},
		{"/accept?dry_run", `{"signature":"x"}`, 0},
	} {
		w := c.do("POST", "/v1/jobs/first"+refused.path, refused.body)
		if w.Code < 400 || w.Code >= 500 || refused.status != 0 && w.Code != refused.status {
			t.Errorf("%s %s: %d %s", refused.path, refused.body, w.Code, w.Body)
		}
	}
	if w := c.do("GET", "/v1/gate?job=first", ""); !strings.Contains(w.Body.String(), `"verdict":"`) {
		t.Errorf("the gate: %s", w.Body)
	}
	if w := c.do("DELETE", "/v1/jobs/first", ""); w.Code != http.StatusOK {
		t.Errorf("remove: %d %s", w.Code, w.Body)
	}
	for {
		if w := c.do("GET", "/v1/jobs/first", ""); w.Code == http.StatusNotFound {
			break
		}
		if _, ok := <-events; !ok {
			t.Fatal("no more events, and the job is still there")
		}
	}
	audit := strings.Join(c.items("/v1/audit?limit=1000"), "\n")
	for _, what := range []string{"pause", "resume", "remove", "stage next"} {
		if !strings.Contains(audit, what) {
			t.Errorf("the audit has no %q:\n%s", what, audit)
		}
	}
}
