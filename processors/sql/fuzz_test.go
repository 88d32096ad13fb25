package sql_test

import (
	"testing"

	"parallax/processors/sql"
)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"SELECT a, b + 1 AS c FROM t WHERE x IS NOT NULL GROUP BY a HAVING COUNT(*) > 1 EMIT CHANGES;",
		"CREATE STREAM s (a STRING KEY, b DECIMAL(10,2), c STRUCT<d INT, e ARRAY<MAP<STRING, INT>>>) WITH (kafka_topic='t', partitions=3);",
		"CREATE TABLE x AS SELECT k FROM s WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS) GROUP BY k EMIT FINAL;",
		"SELECT CASE WHEN a THEN 'it''s' ELSE -1.5e3 END FROM `q` -- end",
		"SELECT AVG(x) OVER (PARTITION BY k ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) FROM t WHERE a NOT IN (1, 2) /*",
		"SELECT LAG(x, 2, 0) OVER (ROWS WINDOW BUFFER 9 ROWS PARTITION BY k ORDER BY ts DESC NULLS LAST ROWS 3 PRECEDING) FROM t",
		"SELECT TRANSFORM(a, (x, y) => x + y), b[1]->c FROM t LEFT JOIN u WITHIN 1 HOUR ON t.a = u.b WINDOW SESSION (5 MINUTES)",
		"'", "((((((", "SELECT", "WITH (", "\x00\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, script string) {
		got, err := sql.Parse(script)
		if (got == nil) == (err == nil) {
			t.Fatalf("a tree and no error, or an error and no tree: %v, %v", got, err)
		}
	})
}
