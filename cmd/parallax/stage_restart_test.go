package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"parallax/shadow/embedded"
)

const restartedJob = `job: totals
kafka: {brokers: [BROKER], group: g}
sql: |
  CREATE STREAM trades (trader_id STRING, symbol STRING, quantity BIGINT) WITH (kafka_topic='trades', value_format='JSON');
  CREATE TABLE totals WITH (kafka_topic='totals', value_format='JSON') AS SELECT trader_id, COUNT(*) AS trades FROM trades GROUP BY trader_id EMIT CHANGES;
processors: {v2: "v2:2"}
v2: {on_overload: block}
migration: {plan: ["canary:10", promoted]}
`

// TestARestartKeepsTheStage of the job, and begins the step again with another number of
// partitions. Another V2 begins in shadow. No record comes meanwhile, which keeps no step from
// being taken.
func TestARestartKeepsTheStage(t *testing.T) {
	b, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	if code, out, errs := parallax(t, "generate", "--records", "2000", "--brokers", b.Addrs()[0], "--topic", "trades"); code != 0 {
		t.Fatal(out, errs)
	}
	t.Chdir(t.TempDir())
	text := strings.ReplaceAll(restartedJob, "BROKER", b.Addrs()[0])
	// incarnation runs a server with the job, and asks for a stage.
	incarnation := func(t *testing.T, job string, args ...string) (history string) {
		if err := os.WriteFile("totals.yaml", []byte(job), 0o600); err != nil {
			t.Fatal(err)
		}
		server := startServer(t, []string{"--jobs", ".", "--listen", "127.0.0.1:8080"})
		args = append([]string{"stage", "totals", "--server", server}, args...)
		if code, out, errs := parallax(t, append(args, "--wait", "1m")...); code != 0 {
			t.Fatalf("%v: exit %d\n%s%s", args, code, out, errs)
		}
		_, history, _ = parallax(t, "stage", "totals", "--server", server, "--history")
		return history
	}
	// newest is the newest change in a history, and its number of changes.
	newest := func(history string, at int) string {
		return strings.Join(strings.Fields(strings.Split(history, "\n")[1+at])[2:], " ")
	}
	force := []string{"--force", "--reason", "a test"}
	t.Run("the first start", func(t *testing.T) {
		h := incarnation(t, text, append([]string{"set", "promoted"}, force...)...)
		if got := newest(h, 0); got != "shadow promoted local forced a test" {
			t.Errorf("%s\n%s", got, h)
		}
	})
	t.Run("another number of partitions", func(t *testing.T) {
		h := incarnation(t, strings.Replace(text, "v2:2", "v2:3", 1), "set", "canary:10", "--reason", "a test")
		if got := newest(h, 0); got != "promoted canary:10 local asked for a test" {
			t.Errorf("%s\n%s", got, h)
		}
		if got := newest(h, 1); got != "promoted promoted parallax by itself V2 has another number of partitions, so the step begins again" {
			t.Errorf("%s\n%s", got, h)
		}
	})
	t.Run("another V2", func(t *testing.T) {
		other := strings.Replace(text, "on_overload: block", "on_overload: block, partitioning_strategy: always_hash", 1)
		h := incarnation(t, other, append([]string{"set", "canary:10"}, force...)...)
		if got := newest(h, 0); got != "shadow canary:10 local forced a test" {
			t.Errorf("%s\n%s", got, h)
		}
		if got := newest(h, 1); !strings.HasPrefix(got, "canary:10 shadow parallax by itself, changed V2 was v2:3 auto ") {
			t.Errorf("%s\n%s", got, h)
		}
	})
}

// TestARunWithoutAServerHasItsStageToo where it listens.
func TestARunWithoutAServerHasItsStageToo(t *testing.T) {
	b, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	if code, out, errs := parallax(t, "generate", "--records", "2000", "--brokers", b.Addrs()[0], "--topic", "trades"); code != 0 {
		t.Fatal(out, errs)
	}
	t.Chdir(t.TempDir())
	text := strings.ReplaceAll(restartedJob, "BROKER", b.Addrs()[0]) + "listen: 127.0.0.1:0\n"
	if err := os.WriteFile("totals.yaml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	server := startListening(t, []string{"run", "totals.yaml"})
	code, out, errs := parallax(t, "stage", "totals", "set", "canary:10", "--force", "--reason", "a test", "--wait", "1m", "--server", server)
	if code != 0 || !strings.HasPrefix(out, "totals  canary:10 (1/2)  ") || !strings.Contains(out, "forced  by local: a test") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	for path, want := range map[string]string{ // and its page and its API, as serve has them
		"/":                             "totals",
		"/jobs/totals":                  "canary:10",
		"/jobs/totals/config":           "totals.yaml",
		"/v1/jobs":                      `"job":"totals"`,
		"/v1/jobs/totals/signatures":    `"items":[]`,
		"/v1/jobs/totals/audit":         "stage canary:10 by force",
		"/v1/gate?job=totals":           `"verdict":"`,
		"/metrics":                      `parallax_records_total{`,
		"/v1/openapi.json":              "/v1/jobs/{job}/stage",
		"/healthz":                      "ok",
		"/v1/jobs/totals/stage/history": "a test",
	} {
		page, err := get(t.Context(), server+path)
		if err != nil || !strings.Contains(page, want) {
			t.Errorf("%s: %v; no %q in %s", path, err, want, page)
		}
	}
	for _, action := range []string{"pause", "stop", "restart"} { // these belong to the command
		resp, err := http.Post(server+"/v1/jobs/totals/"+action, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusConflict || !strings.Contains(string(text), "the job belongs to parallax run") {
			t.Errorf("%s: %s %s", action, resp.Status, text)
		}
	}
}
