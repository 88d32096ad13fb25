package processors_test

import (
	"errors"
	"testing"

	"parallax/processors/partitions"
	"parallax/processors/plan"
)

const sampledSources = `CREATE STREAM s (k STRING, v INT) WITH (kafka_topic='s', value_format='JSON');
CREATE STREAM u (k STRING, w INT) WITH (kafka_topic='u', value_format='JSON');
CREATE TABLE t (k STRING PRIMARY KEY, d STRING) WITH (kafka_topic='t', value_format='JSON');
CREATE TABLE o (k STRING PRIMARY KEY, e STRING) WITH (kafka_topic='o', value_format='JSON');
`

func samplerOf(t *testing.T, sql string) error {
	t.Helper()
	p, err := plan.Compile(sampledSources+sql, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = partitions.NewSampler(p, 10)
	return err
}

// TestJoinsAndChainsWithOneKeyAreSampled: what V2 makes of them is checked with random
// scripts (shadow/sampling).
func TestJoinsAndChainsWithOneKeyAreSampled(t *testing.T) {
	for name, sql := range map[string]string{
		"streams":                       "SELECT s.k AS k, u.w AS w FROM s FULL JOIN u WITHIN 1 SECOND ON s.k = u.k EMIT CHANGES;",
		"a stream and a table":          "SELECT s.k AS k, t.d AS d FROM s LEFT JOIN t ON s.k = t.k EMIT CHANGES;",
		"tables":                        "SELECT t.k AS k, o.e AS e FROM t FULL JOIN o ON t.k = o.k EMIT CHANGES;",
		"three sources":                 "SELECT s.k AS k, u.w AS w, t.d AS d FROM s JOIN u WITHIN 1 SECOND ON s.k = u.k JOIN t ON s.k = t.k EMIT CHANGES;",
		"a stream with itself":          "SELECT a.k AS k, b.v AS w FROM s a JOIN s b WITHIN 1 SECOND ON a.k = b.k EMIT CHANGES;",
		"groups of a join":              "SELECT s.k AS k, COUNT(*) AS n FROM s LEFT JOIN u WITHIN 1 SECOND ON s.k = u.k GROUP BY s.k EMIT CHANGES;",
		"groups of an inner join":       "SELECT u.k AS k, COUNT(*) AS n FROM s JOIN u WITHIN 1 SECOND ON s.k = u.k GROUP BY u.k EMIT CHANGES;",
		"a query over another one":      "CREATE TABLE a AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;\nCREATE TABLE b AS SELECT k, n + 1 AS m FROM a WHERE n > 2;",
		"a join of two queries":         "CREATE TABLE a AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;\nCREATE TABLE b AS SELECT k, COUNT(*) AS m FROM u GROUP BY k;\nCREATE TABLE c AS SELECT a.k AS k, n, m FROM a JOIN b ON a.k = b.k;",
		"groups of a table, by its key": "CREATE TABLE a AS SELECT k, v, COUNT(*) AS n FROM s GROUP BY k, v;\nCREATE TABLE b AS SELECT k, v, SUM(n) AS m FROM a GROUP BY k, v;",
		"windows over a projection":     "CREATE STREAM f AS SELECT k AS name, v FROM s WHERE v > 0;\nCREATE TABLE b AS SELECT name, COUNT(*) AS n FROM f WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY name EMIT FINAL;",
		"a projection of a join":        "CREATE STREAM j AS SELECT s.k AS k, w FROM s JOIN u WITHIN 1 SECOND ON s.k = u.k;\nCREATE STREAM f AS SELECT k, w FROM j WHERE w > 0;",
	} {
		if err := samplerOf(t, sql); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAScriptThatCannotBeSampledSaysWhy names the queries and their keys.
func TestAScriptThatCannotBeSampledSaysWhy(t *testing.T) {
	for name, c := range map[string]struct{ sql, want string }{
		"another key in the next query": {
			"CREATE TABLE a AS SELECT k, v, COUNT(*) AS n FROM s GROUP BY k, v EMIT CHANGES;\nCREATE TABLE b AS SELECT v, COUNT(*) AS m FROM a GROUP BY v EMIT CHANGES;",
			"query 1 (B) cannot be sampled by key: B is split by V, and the rows of A that it reads are split by K, V: a record can be in the sample of one and not of the other",
		},
		"the key in another order": {
			"CREATE TABLE a AS SELECT k, v, COUNT(*) AS n FROM s GROUP BY k, v EMIT CHANGES;\nCREATE TABLE b AS SELECT v, k, COUNT(*) AS m FROM a GROUP BY v, k EMIT CHANGES;",
			"query 1 (B) cannot be sampled by key: B is split by V, K, and the rows of A that it reads are split by K, V: a record can be in the sample of one and not of the other",
		},
		"another column of the same name": {
			"CREATE TABLE a AS SELECT k AS i, COUNT(*) AS n FROM s GROUP BY k;\nCREATE TABLE b AS SELECT n, COUNT(*) AS m FROM a GROUP BY n;",
			"query 1 (B) cannot be sampled by key: B is split by N, and the rows of A that it reads are split by K: a record can be in the sample of one and not of the other",
		},
		"an aggregate over a join": {
			"SELECT t.d AS d, COUNT(*) AS n FROM s JOIN t ON s.k = t.k GROUP BY t.d EMIT CHANGES;",
			"query 0 (OUT) cannot be sampled by key: OUT is split by T.D, and the rows of OUT, join 1 that it reads are split by S.K: a record can be in the sample of one and not of the other",
		},
		"the side of an outer join that may have no row": {
			"SELECT u.k AS k, COUNT(*) AS n FROM s LEFT JOIN u WITHIN 1 SECOND ON s.k = u.k GROUP BY u.k EMIT CHANGES;",
			"query 0 (OUT) cannot be sampled by key: OUT is split by U.K, and the rows of OUT, join 1 that it reads are split by S.K: a record can be in the sample of one and not of the other",
		},
		"joins by two keys": {
			"SELECT s.k AS k, u.w AS w, t.d AS d FROM s JOIN u WITHIN 1 SECOND ON s.v = u.w JOIN t ON s.k = t.k EMIT CHANGES;",
			"query 0 (OUT) cannot be sampled by key: OUT is split by S.K, and the rows of OUT, join 1 that it reads are split by S.V: a record can be in the sample of one and not of the other",
		},
		"windows by the time of rows of some keys": {
			"CREATE STREAM j AS SELECT s.k AS k, w FROM s JOIN u WITHIN 1 SECOND ON s.k = u.k;\nCREATE TABLE b AS SELECT k, COUNT(*) AS n FROM j WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY k;",
			"query 1 (B) cannot be sampled by key: the time of its windows is that of the rows of J, which V2 would not have of all keys",
		},
		"offsets that count rows": {
			"CREATE TABLE a AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;\nCREATE TABLE b AS SELECT k, ROWOFFSET + n AS m FROM a;",
			"query 1 (B) cannot be sampled by key: it reads ROWOFFSET of A, which counts the rows of all keys",
		},
		"PARTITION BY of a join": {
			"SELECT s.k AS k, u.w AS w FROM s JOIN u WITHIN 1 SECOND ON s.k = u.k PARTITION BY u.w EMIT CHANGES;",
			"query 0 (OUT) cannot be sampled by key: its rows do not have the key that its records are split by",
		},
		"EXPLODE": {"SELECT k, EXPLODE(ARRAY[v, 1]) AS x FROM s EMIT CHANGES;", "query 0 (OUT) cannot be sampled by key: it has no state, so there is no key to choose records by"},
		"LIMIT":   {"SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES LIMIT 3;", "query 0 (OUT) cannot be sampled by key: LIMIT counts all rows of the query, so one partition has to see them all"},
		"one group of a join": {
			"SELECT COUNT(*) AS n FROM s JOIN t ON s.k = t.k EMIT CHANGES;",
			"query 0 (OUT) cannot be sampled by key: no GROUP BY: all records share one group, so one partition has to see them all",
		},
	} {
		if err := samplerOf(t, c.sql); !errors.Is(err, partitions.ErrSample) || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
