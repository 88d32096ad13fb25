package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTokenNewWritesTheTokenAndStoresItsHash(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"token", "new", "--role", "view", "--name", "prometheus", "--file", file}, nil, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	token := strings.TrimSpace(out.String())
	text, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(text), "view prometheus sha256:") || strings.Contains(string(text), token) || !strings.HasPrefix(token, "plx_") || strings.Contains(errs.String(), token) {
		t.Errorf("token %q, file %q, %v; messages %q", token, text, err, &errs)
	}
	out.Reset()
	if code := run(t.Context(), []string{"token", "new", "--role", "deploy", "--file", file, "--json"}, nil, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, &errs)
	}
	var made map[string]string
	if err := json.Unmarshal(out.Bytes(), &made); err != nil || made["role"] != "deploy" || !strings.HasPrefix(made["name"], "deploy-") || made["token"] == "" {
		t.Errorf("%s: %v", &out, err)
	}
	for want, args := range map[string][]string{
		`there is a token named "prometheus"`: {"--role", "view", "--name", "prometheus"},
		"must be one of":                      {"--role", "admin"},
		"--role":                              {},
	} {
		errs.Reset()
		if code := run(t.Context(), append([]string{"token", "new", "--file", file}, args...), nil, &out, &errs); code != exitError || !strings.Contains(errs.String(), want) {
			t.Errorf("%v: exit code %d, %q; want %q", args, code, &errs, want)
		}
	}
}
