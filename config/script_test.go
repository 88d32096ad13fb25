package config

import (
	"fmt"
	"strings"
	"testing"

	"parallax/processors/sql"
)

const scriptHead = "job: j\nkafka: {brokers: [a:1], group: g}\n"

// TestAnErrorInAScriptHasItsPlaceInTheJobFile: the position is in the job file for every YAML
// form of the script. The error is at the @.
func TestAnErrorInAScriptHasItsPlaceInTheJobFile(t *testing.T) {
	for _, text := range []string{
		// Literal.
		"sql: |\n  SELECT 1\n  FROM @;\n",
		"sql: |2\n    SELECT 1\n  FROM @;\n",
		"sql: |-\n\n  SELECT 1\r\n\n\n    FROM é @;\n",
		"sql: |+\n  @\n\n\nemit: true\n",
		// On one line.
		"sql: SELECT @;\n",
		"sql: \"SELECT @;\"\n",
		"sql: 'SELECT ''x'', @;'\n",
		"sql: \"SELECT \\\"x\\\", 'é\\u00e9\\x41', @\"\n",
		"sql: \"SELECT 1\\n FROM @;\"\n",
		"{job: k, sql: \"SELECT @\"}\n",
		// Folded.
		"sql: >\n  SELECT 1\n  FROM @;\n",
		"sql: >-\n\n\n  SELECT 1,\n  2\n\n  FROM\n\n\n  @;\nemit: true\n",
		"sql: >\n  SELECT\n    1,\n    2\n  FROM\n\n    t @\n\n  WHERE\n",
		"sql: >2\n    SELECT 1\n  FROM t\n  @;\n",
		"sql: >+\n  SELECT 1\n  @\n\n\nemit: true\n",
		// On several lines, in quotes and without.
		"sql: 'SELECT 1,   \n  ''a''''b'',\n\n\n  2 FROM @;'\n",
		"sql: \"SELECT 1,\n\n  2 FR\\\n  OM\\\n  \\  t, \\t'x' @;\"\n",
		"sql: SELECT 1,\n  2,\n\n  3 FROM @;\n",
		"sql: &script |\n  SELECT\n  @\n",
	} {
		whole := scriptHead + text
		if text[0] == '{' {
			whole = strings.Replace(text, "job: k", "job: j, kafka: {brokers: [a:1], group: g}", 1)
		}
		before, rest, _ := strings.Cut(whole, "@")
		line, _, _ := strings.Cut(before[strings.LastIndexByte(before, '\n')+1:]+"@"+rest, "\n")
		column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
		want := fmt.Sprintf("job.yaml: line %d, column %d: a fault\n  %s\n", strings.Count(before, "\n")+1, column+1, strings.TrimRight(line, "\r"))
		if got := faultAt(t, whole); !strings.HasPrefix(got, want) {
			t.Errorf("%s  %s\n  want %s", whole, got, want)
		}
	}
}

// TestAnErrorInAScriptThatCannotBeFoundInItsFileSaysWhatItsLinesAreCountedIn:
// the length of the text before it is not known there.
func TestAnErrorInAScriptThatCannotBeFoundInItsFileSaysWhatItsLinesAreCountedIn(t *testing.T) {
	for text, want := range map[string]string{
		"sql: &script\n  SELECT\n  @\n":         "job.yaml:3:6: line 1, column 8 of the script in sql: a fault\n  SELECT @\n",
		"sql: !!str |\n  SELECT 1\n  FROM @;\n": "job.yaml:3:6: line 2, column 6 of the script in sql: a fault\n  FROM @;\n",
	} {
		if got := faultAt(t, scriptHead+text); !strings.HasPrefix(got, want) {
			t.Errorf("%s  %s\n  want %s", text, got, want)
		}
	}
}

// faultAt is the text of an error at the @ of a job file's script.
func faultAt(t *testing.T, file string) string {
	t.Helper()
	l, err := Parse("job.yaml", []byte(file), nil)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	s, err := l.Script()
	if err != nil {
		t.Fatal(err)
	}
	return s.Point(sql.Errorf(s.Text, sql.Pos(strings.IndexByte(s.Text, '@')), "a fault")).Error()
}

// TestAnErrorAtTheEndOfAScriptHasAPlace: there is no character at it.
func TestAnErrorAtTheEndOfAScriptHasAPlace(t *testing.T) {
	for _, text := range []string{"sql: SELECT\n", "sql: |\n  SELECT\n", "sql: >-\n  SELECT\n  1", "sql: \"SELECT\n  1\"\n"} {
		l, err := Parse("job.yaml", []byte(scriptHead+text), nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := l.Script()
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Point(sql.Errorf(s.Text, sql.Pos(len(s.Text)), "a fault")).Error(); !strings.HasPrefix(got, "job.yaml: line ") {
			t.Errorf("%q: %s", text, got)
		}
	}
}
