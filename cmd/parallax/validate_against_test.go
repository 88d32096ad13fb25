package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAServerSaysWhatAJobFileWouldChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "orders.yaml")
	text := "job: orders\nkafka: {brokers: [127.0.0.1:1], group: g}\nsql: |\n  CREATE STREAM t (a BIGINT) WITH (kafka_topic='t'); SELECT a FROM t;\nsink: {topic: out}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]int{"patch": exitPass, "new_run": exitPass, "refused": exitFail} {
		asked := ""
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			asked = r.Method + " " + r.URL.String() + " " + r.Header.Get("Content-Type") + " " + r.Header.Get("Authorization") + "\n" + string(body)
			fmt.Fprintf(w, `{"change":%q,"says":["gate.min_keys changes"]}`, kind)
		}))
		var out, errs strings.Builder
		code := run(t.Context(), []string{"validate", file, "--against", srv.URL, "--token-file", token}, nil, &out, &errs)
		srv.Close()
		if code != want || out.String() != "orders  "+kind+"\n  gate.min_keys changes\n" {
			t.Errorf("%s: code %d, %q, %s", kind, code, out.String(), errs.String())
		}
		if want := "PUT /v1/jobs/orders?dry_run=true application/yaml Bearer secret\n" + text; asked != want {
			t.Errorf("the request is %q, want %q", asked, want)
		}
	}
}
