package plan_test

import (
	"testing"

	"parallax/processors/plan"
)

func TestMostRowsOfARecord(t *testing.T) {
	const source = `CREATE STREAM t (s STRING, list ARRAY<INT>) WITH (kafka_topic='t', value_format='JSON');`
	for query, want := range map[string]int64{
		`SELECT s FROM t EMIT CHANGES;`: 1,
		`SELECT s, COUNT(*) AS n FROM t WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY s EMIT CHANGES;`:                              1,
		`SELECT s, COUNT(*) AS n FROM t WINDOW HOPPING (SIZE 1 MINUTE, ADVANCE BY 10 SECONDS) GROUP BY s EMIT CHANGES;`:      6,
		`SELECT s, COUNT(*) AS n FROM t WINDOW HOPPING (SIZE 61 SECONDS, ADVANCE BY 10 SECONDS) GROUP BY s EMIT CHANGES;`:    7,
		`SELECT s, COUNT(*) AS n FROM t WINDOW HOPPING (SIZE 50 SECONDS, ADVANCE BY 1 MILLISECOND) GROUP BY s EMIT CHANGES;`: 50_000,
		// Each window makes its rows when it ends.
		`SELECT s, COUNT(*) AS n FROM t WINDOW HOPPING (SIZE 50 SECONDS, ADVANCE BY 1 MILLISECOND) GROUP BY s EMIT FINAL;`:                   1,
		`SELECT EXPLODE(list) AS item FROM t EMIT CHANGES;`:                                                                                  plan.MostExplodedRows,
		`CREATE STREAM o WITH (kafka_topic='o') AS SELECT s, EXPLODE(list) AS item FROM t EMIT CHANGES; SELECT s, item FROM o EMIT CHANGES;`: plan.MostExplodedRows,
	} {
		p, err := plan.Compile(source+query, plan.BuildOptions{DefaultTopic: "OUT"})
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		if got := p.MostRows(); got != want {
			t.Errorf("%s: a record makes up to %d rows, want %d", query, got, want)
		}
	}
}
