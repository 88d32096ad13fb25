package sql_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/statements and testdata/errors.txt from what is said now")

// golden runs each case of a file: run turns the text above a line of dashes into the text
// below it.
func golden(t *testing.T, path string, run func(t *testing.T, in string) string) int {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(content), "\n====\n")
	var rewritten strings.Builder
	rewritten.WriteString(head)
	cases := strings.Split(body, "\n====\n")
	for _, c := range cases {
		in, want, _ := strings.Cut(c, "\n----\n")
		got := strings.TrimRight(run(t, in), "\n")
		rewritten.WriteString("\n====\n" + in + "\n----\n" + got + "\n")
		if want = strings.TrimRight(want, "\n"); got != want && !*update {
			t.Errorf("%s: %s\nbecomes\n%s\nwant\n%s", path, in, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(rewritten.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return len(cases)
}

// TestStatementsAreReadAndPrinted checks how each statement is printed, and that the
// printed form parses to the same tree.
func TestStatementsAreReadAndPrinted(t *testing.T) {
	files, err := filepath.Glob("testdata/statements/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			total += golden(t, path, func(t *testing.T, in string) string { return roundTrip(t, in) })
		})
	}
	if total < 120 {
		t.Errorf("%d statements in %d files", total, len(files))
	}
}
