package config

import (
	"strings"
	"testing"

	"parallax/processors/sql"
)

// TestAnErrorInAScriptHasItsPlaceInTheJobFile: where the script's lines stand there one by
// one, they are the file's; else the error has the place of the text, and the position
// within it.
func TestAnErrorInAScriptHasItsPlaceInTheJobFile(t *testing.T) {
	const head = "job: j\nkafka: {brokers: [a:1], group: g}\n"
	for text, want := range map[string]string{
		"sql: |\n  SELECT 1\n  FROM @;\n":        "job.yaml: line 5, column 8: ",
		"sql: SELECT @;\n":                       "job.yaml: line 3, column 13: ",
		"sql: \"SELECT @;\"\n":                   "job.yaml: line 3, column 14: ",
		"sql: \"SELECT 1\\n FROM @;\"\n":         "job.yaml:3:6: sql, at this position within its text: line 2, column 7: ",
		"sql: >\n  SELECT 1\n  FROM @;\n":        "job.yaml:3:6: sql, at this position within its text: line 1, column 15: ",
		"emit: true\nsql: 'SELECT 1\n  FROM @;'": "job.yaml:4:6: sql, at this position within its text: line 1, column 15: ",
	} {
		l, err := Parse("job.yaml", []byte(head+text), nil)
		if err != nil {
			t.Fatal(err)
		}
		s, err := l.Script()
		if err != nil {
			t.Fatal(err)
		}
		fault := sql.Errorf(s.Text, sql.Pos(strings.IndexByte(s.Text, '@')), "a fault")
		if got := s.Point(fault).Error(); !strings.HasPrefix(got, want+"a fault") {
			t.Errorf("%s  %s\n  want %s", text, got, want)
		}
	}
}
