package plan_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"parallax/processors/plan"
)

var update = flag.Bool("update", false, "rewrite testdata/*errors.txt from what the planner says")

// source is declared before each query of testdata/*errors.txt.
const source = "CREATE STREAM t (k STRING KEY, a INT, b BIGINT, d DOUBLE, p DECIMAL(10,2), s STRING, f BOOLEAN, ts TIMESTAMP) WITH (kafka_topic='t', timestamp='ts'); " +
	"CREATE STREAM u (k STRING KEY, a BIGINT, v STRING, ts TIMESTAMP) WITH (kafka_topic='u', timestamp='ts');\n"

// TestEveryRefusalSaysWhereAndWhy checks the messages for refused scripts. Each case is a
// script, a line of dashes, and the expected message.
func TestEveryRefusalSaysWhereAndWhy(t *testing.T) {
	for _, path := range []string{"testdata/errors.txt", "testdata/function_errors.txt", "testdata/format_errors.txt"} {
		checkRefusals(t, path)
	}
}

func checkRefusals(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(text), "\n====\n")
	var rewritten strings.Builder
	rewritten.WriteString(head)
	for c := range strings.SplitSeq(body, "\n====\n") {
		script, want, _ := strings.Cut(c, "\n----\n")
		want = strings.TrimRight(want, "\n")
		_, err := plan.Compile(source+script, plan.BuildOptions{DefaultTopic: "OUT"})
		got := "(no error)"
		if err != nil {
			got = err.Error()
		}
		rewritten.WriteString("\n====\n" + script + "\n----\n" + got + "\n")
		if got != want && !*update {
			t.Errorf("%s\nsays\n%s\nwant\n%s", script, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(rewritten.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
