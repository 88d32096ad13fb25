package plan

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var updateExplained = flag.Bool("update-explained", false, "rewrite testdata/*_explained.txt from what EXPLAIN says")

// explained checks EXPLAIN's output for each script of a file.
func explained(t *testing.T, path, declared string, opt BuildOptions) {
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
		var got string
		if p, err := Compile(declared+script, opt); err != nil {
			got = err.Error()
		} else {
			got = strings.TrimRight(p.Explain(), "\n")
		}
		rewritten.WriteString("\n====\n" + script + "\n----\n" + got + "\n")
		if got != want && !*updateExplained {
			t.Errorf("%s\nis explained as\n%s\nwant\n%s", script, got, want)
		}
	}
	if *updateExplained {
		if err := os.WriteFile(path, []byte(rewritten.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestJoinsAreBound: names, keys, times and stages of joins.
func TestJoinsAreBound(t *testing.T) {
	explained(t, "testdata/joins_explained.txt", `CREATE STREAM orders (id INT KEY, cid INT, total DECIMAL(10,2), ts TIMESTAMP) WITH (kafka_topic='orders', timestamp='ts');
		CREATE STREAM shipments (order_id INT KEY, cid INT, "at" TIMESTAMP) WITH (kafka_topic='shipments', timestamp='at');
		CREATE TABLE customers (id INT PRIMARY KEY, name STRING) WITH (kafka_topic='customers');
		CREATE TABLE limits (id INT PRIMARY KEY, most DECIMAL(10,2)) WITH (kafka_topic='limits');
`, BuildOptions{DefaultTopic: "OUT"})
}

// TestWorkThatIsDoneOnceIsShown: EXPLAIN shows constants, and expressions that a record
// needs in several places.
func TestWorkThatIsDoneOnceIsShown(t *testing.T) {
	explained(t, "testdata/once_explained.txt", "CREATE STREAM trades (symbol STRING, price DECIMAL(10,2), n INT) WITH (kafka_topic='trades');\n", BuildOptions{DefaultTopic: "OUT"})
}
