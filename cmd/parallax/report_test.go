package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parallax/diff"
	"parallax/reports/document"
	"parallax/reports/store"
	"parallax/shadow/evidence"
)

// jobWithEvidence is a job file whose store has evidence of the last hour; more is added to it.
func jobWithEvidence(t *testing.T, more string) (path string) {
	t.Helper()
	dir := t.TempDir()
	path = filepath.Join(dir, "trades.yaml")
	text := "job: trades\nkafka: {brokers: [localhost:1], group: g}\nsql: |\n  CREATE STREAM s (a BIGINT) WITH (kafka_topic='s'); CREATE STREAM o WITH (kafka_topic='o') AS SELECT a FROM s;\n" + more
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := store.Open(filepath.Join(dir, "evidence"), "trades", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	level, now := diff.E1, time.Now()
	for i := range int64(3) {
		s := &evidence.Span{
			Version: evidence.SpanVersion, Job: "trades", Task: "all", Incarnation: "one", From: 10 * i, To: 10*i + 10, Merged: 1,
			Program: evidence.Program{Version: "1", Commit: "abc"}, Wall: [2]time.Time{now.Add(time.Duration(i-60) * time.Minute), now.Add(time.Duration(i-59) * time.Minute)},
			Stage: "shadow", Ledger: diff.Ledger{Compared: 10}, Require: diff.E1, Levels: map[string]diff.Level{"o": diff.E1},
			Topics: []evidence.Topic{{Topic: "o", Level: &level, Unit: diff.UnitRow, Rows: 10, NewUnits: 10}}, Lag: evidence.Lag{Most: -1},
			V2: &evidence.SpanV2{Processor: "v2:4", Implementation: "V2"}, Partitions: []evidence.Work{{Records: 10}},
		}
		if err := w.Append(evidence.RunIdentity{Fingerprint: "f", V1: "v1 1", V2: "v2:4 1"}, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestAReportIsWrittenInEveryForm from the store, which needs no broker.
func TestAReportIsWrittenInEveryForm(t *testing.T) {
	job := jobWithEvidence(t, "")
	for format, check := range map[string]func(text string) error{
		"text": contains("INCONCLUSIVE  trades\n", "decision    Not decided yet"),
		"md":   contains("## Parallax: inconclusive of job trades\n", "**Not decided yet"),
		"html": contains("<!DOCTYPE html>", "<h1>Not decided yet", "30</dd>"),
		"json": func(text string) error {
			d, err := document.Read(strings.NewReader(text))
			if err == nil && d.Summary.Records != 30 {
				err = fmt.Errorf("%d records", d.Summary.Records)
			}
			return err
		},
		"junit": func(text string) error { return xml.Unmarshal([]byte(text), new(struct{})) },
	} {
		for _, file := range []string{"", filepath.Join(t.TempDir(), "report")} {
			args := []string{"report", job, "--format", format}
			if file != "" {
				args = append(args, "-o", file)
			}
			var out, errs strings.Builder
			if code := run(t.Context(), args, nil, &out, &errs); code != 0 {
				t.Fatalf("%s: code %d: %s", format, code, errs.String())
			}
			text := out.String()
			if file != "" {
				read, err := os.ReadFile(file)
				if err != nil || text != "" {
					t.Fatalf("%v, and standard output has %q", err, text)
				}
				text = string(read)
			}
			if err := check(text); err != nil {
				t.Errorf("%s: %v in\n%s", format, err, text)
			}
		}
	}
}

func contains(parts ...string) func(string) error {
	return func(text string) error {
		for _, p := range parts {
			if !strings.Contains(text, p) {
				return fmt.Errorf("no %q", p)
			}
		}
		return nil
	}
}

func TestATestDeliveryIsSentAndMarked(t *testing.T) {
	var body map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err = errors.Join(err, json.Unmarshal(text, &body)); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	job := jobWithEvidence(t, "reports: {deliver: [{webhook: '"+server.URL+"/token'}]}\n")
	var out, errs strings.Builder
	if code := run(t.Context(), []string{"report", job, "--test-delivery"}, nil, &out, &errs); code != 0 {
		t.Fatalf("code %d: %s", code, errs.String())
	}
	if body["event"] != "test" || !strings.HasPrefix(out.String(), "delivered: webhook 127.0.0.1:") || strings.Contains(out.String(), "token") {
		t.Errorf("%v\n%s", body, out.String())
	}
	server.Config.Handler = http.NotFoundHandler()
	out.Reset()
	if code := run(t.Context(), []string{"report", job, "--test-delivery"}, nil, &out, &errs); code != exitError || !strings.Contains(errs.String(), "404 Not Found") {
		t.Errorf("code %d: %s", code, errs.String())
	}
	errs.Reset()
	if code := run(t.Context(), []string{"report", jobWithEvidence(t, ""), "--test-delivery"}, nil, &out, &errs); code != exitError || !strings.Contains(errs.String(), "the job has no receivers") {
		t.Errorf("code %d: %s", code, errs.String())
	}
}

func TestAReportOfAJobWithoutEvidenceSaysWhatToDo(t *testing.T) {
	job := jobWithEvidence(t, "")
	var out, errs strings.Builder
	code := run(t.Context(), []string{"report", job, "--evidence", t.TempDir()}, nil, &out, &errs)
	if code != exitError || !strings.Contains(errs.String(), "there is no evidence store") {
		t.Errorf("code %d: %s", code, errs.String())
	}
}
