package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parallax/shadow/workload"
)

// explained is a folder with a job of a scenario and its records.
func explained(t *testing.T, scenario string, records int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	s, err := workload.Lookup(scenario)
	if err != nil {
		t.Fatal(err)
	}
	more := ""
	if s.DeadLetters {
		more = "on_error: dlq\nlate: dlq\n"
	}
	job := fmt.Sprintf("job: j\nkafka: {brokers: [\"localhost:1\"], group: g}\nsql: |\n  %s\nprocessors: {v1: v1, v2: \"v2:4\"}\ndiff: {require_level: E1}\n%s",
		strings.ReplaceAll(strings.TrimSpace(s.SQL), "\n", "\n  "), more)
	if err := os.WriteFile(filepath.Join(dir, "job.yaml"), []byte(job), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runIn(t, dir, nil, "generate", "--scenario", scenario, "--records", fmt.Sprint(records), "--seed", "1", "-o", "records.jsonl")
	if code != 0 {
		t.Fatalf("generate: %d\n%s%s", code, out, errs)
	}
	return dir
}

// runIn runs the program in a directory.
func runIn(t *testing.T, dir string, in []byte, args ...string) (code int, out, errs string) {
	t.Helper()
	t.Chdir(dir)
	var o, e bytes.Buffer
	code = run(t.Context(), args, bytes.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// runLine runs a command line as a shell does: words, and pipes between commands.
func runLine(t *testing.T, dir, line string) (code int, out, errs string) {
	t.Helper()
	for command := range strings.SplitSeq(line, " | ") {
		words := strings.Fields(command)
		if words[0] != "parallax" {
			t.Fatalf("%q does not begin with parallax", command)
		}
		code, out, errs = runIn(t, dir, []byte(out), words[1:]...)
	}
	return code, out, errs
}

// commandIn returns the command in the block of a README.
func commandIn(t *testing.T, readme string) string {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "```sh\n")
	command, _, closed := strings.Cut(rest, "\n```")
	if !found || !closed || strings.Contains(command, "\n") {
		t.Fatalf("the README has no block with one command:\n%s", text)
	}
	return command
}

// TestTheCommandOfAFolderReproducesTheDivergence runs what the README says: for a divergence
// that rows show a comparison of rows, else another explanation.
func TestTheCommandOfAFolderReproducesTheDivergence(t *testing.T) {
	for _, test := range []struct {
		fault, scenario string
		byRows          bool
	}{
		{"split-key", "desks", true},
		{"scale", "desks", true},
		{"silent", "desks", true},
		{"reemit", "desks", true},
		{"key-reorder", "desks", true},
		{"state-reset", "desks", true},
		{"panic", "desks", false},
		{"lose-dead-letters", "desks", false},
		{"null-key", "nulls", true},
		{"expired-stays", "late", false},
	} {
		t.Run(test.fault, func(t *testing.T) {
			dir := explained(t, test.scenario, 1500)
			code, out, errs := runIn(t, dir, nil, "explain", "job.yaml", "--input", "records.jsonl", "--fault", test.fault, "-o", "found")
			if code != 0 {
				t.Fatalf("explain: %d\n%s%s", code, out, errs)
			}
			id := strings.Fields(out)[0]
			found := filepath.Join(dir, "found")
			command := commandIn(t, filepath.Join(found, "README.md"))
			if !strings.Contains(out, command) {
				t.Errorf("the output does not show the command %s:\n%s", command, out)
			}
			code, out, errs = runLine(t, found, command)
			switch {
			case strings.HasPrefix(command, "parallax sql") != test.byRows:
				t.Errorf("the command is %s", command)
			case test.byRows && (code != exitFail || errs != ""):
				t.Errorf("%s: %d, want 1\n%s%s", command, code, out, errs)
			case !test.byRows && (code != exitPass || !strings.HasPrefix(out, id)):
				t.Errorf("%s: %d, want 0 and %s\n%s%s", command, code, id, out, errs)
			}
			v1, err := os.ReadFile(filepath.Join(found, "v1.jsonl"))
			if err != nil {
				t.Fatal(err)
			}
			args := []string{"sql", "-f", "query.sql", "--input", "records.jsonl", "--processor", "v1"}
			if test.scenario == "desks" {
				args = append(args, "--on-error", "dlq", "--late", "dlq")
			}
			if _, out, _ := runIn(t, found, nil, args...); out != string(v1) {
				t.Errorf("v1.jsonl is\n%sand parallax sql prints\n%s", v1, out)
			}
		})
	}
}

// TestExplainSaysWhatItCannotShow, with an exit code of its own, and writes no folder.
func TestExplainSaysWhatItCannotShow(t *testing.T) {
	dir := explained(t, "desks", 300)
	code, out, errs := runIn(t, dir, nil, "explain", "job.yaml", "4383b341414e", "--input", "records.jsonl", "-o", "found")
	if code != exitInconclusive || !strings.Contains(out, "A replay of 300 records does not show 4383b341414e.") || !strings.Contains(out, "state from before") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "found")); err == nil {
		t.Error("it wrote a folder")
	}
	code, _, errs = runIn(t, dir, nil, "explain", "job.yaml", "--input", "records.jsonl", "--records", "299")
	if code != exitError || !strings.Contains(errs, "more than 299 records") {
		t.Errorf("%d\n%s", code, errs)
	}
}

// TestRedactedColumnsAreNotShown: the symbol is neither in the output nor in the folder; a
// column that does not exist is refused, because it would not be redacted.
func TestRedactedColumnsAreNotShown(t *testing.T) {
	dir := explained(t, "desks", 100)
	args := []string{"explain", "job.yaml", "--input", "records.jsonl", "--fault", "overwrite", "-o", "found"}
	if code, out, errs := runIn(t, dir, nil, append(args, "--redact", "desk-totals.SYMBOL")...); code != 0 || !strings.Contains(out, "#") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	text, err := os.ReadFile(filepath.Join(dir, "found", "records.jsonl"))
	if err != nil || !strings.Contains(string(text), `"symbol":"#`) {
		t.Errorf("%s, %v", text, err)
	}
	if code, _, errs := runIn(t, dir, nil, append(args, "--redact", "desk-totals.SYMBOLS")...); code != exitError || !strings.Contains(errs, "SYMBOLS") {
		t.Errorf("%d, %s", code, errs)
	}
}

// TestASummarySaysWhatToExplain: its signatures have class, topic and columns.
func TestASummarySaysWhatToExplain(t *testing.T) {
	dir := explained(t, "desks", 300)
	summary := `{"signatures":[{"id":"aaaaaaaaaaaa","class":"type","topic":"bars","columns":["OPEN","HIGH","LOW","CLOSE"]}]}`
	if err := os.WriteFile(filepath.Join(dir, "s.json"), []byte(summary), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := runIn(t, dir, nil, "explain", "job.yaml", "aaaaaaaaaaaa", "--summary", "s.json", "--input", "records.jsonl", "--fault", "scale")
	if code != 0 || !strings.Contains(out, "type in bars: OPEN, HIGH, LOW, CLOSE") || !strings.Contains(out, "asked for aaaaaaaaaaaa") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	code, _, errs = runIn(t, dir, nil, "explain", "job.yaml", "bbbbbbbbbbbb", "--summary", "s.json", "--input", "records.jsonl")
	if code != exitError || !strings.Contains(errs, "no divergence bbbbbbbbbbbb") {
		t.Errorf("%d\n%s", code, errs)
	}
}
