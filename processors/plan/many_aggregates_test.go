package plan

import (
	"fmt"
	"strings"
	"testing"
)

// Thousands of aggregates are planned, each once. Comparing each with all the others took
// half a minute.
func TestManyAggregatesArePlannedEachOnce(t *testing.T) {
	const n = 5000
	var b strings.Builder
	b.WriteString("CREATE STREAM t (k STRING, x BIGINT) WITH (kafka_topic='t', value_format='JSON'); CREATE TABLE o AS SELECT k")
	for i := range n {
		fmt.Fprintf(&b, ", SUM(x + %d) AS a%d, SUM(x + %d) AS b%d", i, i, i, i)
	}
	p, err := Compile(b.String()+" FROM t GROUP BY k;", BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(p.Queries[0].Aggregation.Aggregates); got != n {
		t.Errorf("%d aggregates are planned, want %d", got, n)
	}
}
