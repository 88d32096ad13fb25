package sql_test

import (
	"errors"
	"testing"

	"parallax/processors/sql"
)

// seeds are scripts with something of everything, right and wrong.
var seeds = []string{
	"SELECT a, b + 1 AS c FROM t WHERE x IS NOT NULL GROUP BY a HAVING COUNT(*) > 1 EMIT CHANGES;",
	"CREATE STREAM s (a STRING KEY, b DECIMAL(10,2), c STRUCT<d INT, e ARRAY<MAP<STRING, INT>>>) WITH (kafka_topic='t', partitions=3);",
	"CREATE TABLE x AS SELECT k FROM s WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS) GROUP BY k EMIT FINAL;",
	"SELECT CASE WHEN a THEN 'it''s' ELSE -1.5e3 END FROM `q` -- end",
	"SELECT AVG(x) OVER (PARTITION BY k ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) FROM t WHERE a NOT IN (1, 2) /*",
	"SELECT LAG(x, 2, 0) OVER (ROWS WINDOW BUFFER 9 ROWS PARTITION BY k ORDER BY ts DESC NULLS LAST ROWS 3 PRECEDING) FROM t",
	"SELECT TRANSFORM(a, (x, y) => x + y), b[1]->c FROM t LEFT JOIN u WITHIN 1 HOUR ON t.a = u.b WINDOW SESSION (5 MINUTES)",
	"SELECT a->*, t.* FROM t FULL OUTER JOIN u WITHIN (1m, 2 HOURS) GRACE PERIOD 0 MS ON t.a = u.b AND t.ts BETWEEN u.ts - INTERVAL '1' DAY AND u.ts PARTITION BY (a, b)",
	"SELECT ARRAY[1, 2], MAP('k' := - -1), STRUCT(f := NOT x), EXTRACT(YEAR FROM DATE '2026-01-31'), x LIKE '%' ESCAPE '!' FROM t LIMIT 3",
	"EXPLAIN SELECT CAST(x AS TIMESTAMP) IS DISTINCT FROM TIMESTAMP '2026-01-31' FROM t WINDOW HOPPING (ts, 1m, ADVANCE BY 10s) GROUP BY ()",
	"'", "((((((", "SELECT", "WITH (", "\x00\xff",
}

// FuzzParse: every text gives a tree or an *sql.Error, and the printed form of a tree
// parses to the same tree.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		got, err := sql.Parse(script)
		if err == nil {
			roundTrip(t, script)
			return
		}
		var at *sql.Error
		if got != nil || !errors.As(err, &at) || at.Line < 1 || at.Column < 1 {
			t.Fatalf("%v, %v", got, err)
		}
	})
}
