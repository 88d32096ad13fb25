package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A comparison ends with its context, even while it waits for standard input.
func TestCompareStopsWhenItIsInterrupted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "v1.jsonl")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	never, end := io.Pipe()
	defer end.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs strings.Builder
	code := run(ctx, []string{"compare", file, "-"}, never, &out, &errs)
	if code != exitError || out.String() != "" || !strings.Contains(errs.String(), "interrupted before the comparison was finished") {
		t.Errorf("code %d, %q, %q", code, out.String(), errs.String())
	}
}
