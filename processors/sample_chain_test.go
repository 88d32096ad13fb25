package processors_test

import (
	"errors"
	"strings"
	"testing"

	"parallax/processors/partitions"
	"parallax/processors/plan"
)

// TestStagesAndJoinsAreNotSampled: the key of a record is that of one stage.
func TestStagesAndJoinsAreNotSampled(t *testing.T) {
	const sources = `CREATE STREAM s (k STRING, v INT) WITH (kafka_topic='s', value_format='JSON');
CREATE STREAM u (k STRING, w INT) WITH (kafka_topic='u', value_format='JSON');
CREATE TABLE t (k STRING PRIMARY KEY, d STRING) WITH (kafka_topic='t', value_format='JSON');
`
	for name, c := range map[string]struct{ sql, want string }{
		"a query over another one's rows": {
			"CREATE TABLE a AS SELECT k, v, COUNT(*) AS n FROM s GROUP BY k, v EMIT CHANGES;\nCREATE TABLE b AS SELECT v, COUNT(*) AS m FROM a GROUP BY v EMIT CHANGES;",
			"the script cannot be sampled by key: it has several stages with different keys (of A K, V; of B",
		},
		"an aggregate over a join": {
			"SELECT t.d AS d, COUNT(*) AS n FROM s JOIN t ON s.k = t.k GROUP BY t.d EMIT CHANGES;",
			"; of OUT T.D), and a record that is in the sample of one stage may not be in the sample of the next",
		},
		"a stage without a key": {"SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES LIMIT 3;", "; of OUT none), and"},
		"a join with a table":   {"SELECT s.k AS k, t.d AS d FROM s JOIN t ON s.k = t.k EMIT CHANGES;", "query 0 (OUT) cannot be sampled by key: it joins sources"},
		"a join of streams":     {"SELECT s.k AS k, u.w AS w FROM s JOIN u WITHIN 1 SECOND ON s.k = u.k EMIT CHANGES;", "query 0 (OUT) cannot be sampled by key: it joins sources"},
	} {
		p, err := plan.Compile(sources+c.sql, plan.BuildOptions{DefaultTopic: "OUT"})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := partitions.NewSampler(p, 10); !errors.Is(err, partitions.ErrSample) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
