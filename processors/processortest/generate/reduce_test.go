package generate

import (
	"slices"
	"strings"
	"testing"

	"parallax/processors/sql"
)

// A stage, a join and a source that the failure does not need are removed.
func TestReduceLeavesOutStagesJoinsAndSources(t *testing.T) {
	const sources = `CREATE STREAM S (A INT KEY, B INT) WITH (kafka_topic='s');
CREATE TABLE T (A INT PRIMARY KEY, C INT) WITH (kafka_topic='t');
CREATE STREAM U (A INT KEY, D INT) WITH (kafka_topic='u');
`
	for _, test := range []struct{ name, queries, fails, topic string }{
		{"the first stage", "CREATE STREAM O AS SELECT A, B FROM S WHERE B > 1; CREATE TABLE P AS SELECT A, SUM(B) AS N FROM O GROUP BY A;", "SUM(", "s"},
		{"the stage in the middle", "CREATE STREAM O AS SELECT A, B FROM S; CREATE STREAM P AS SELECT A, B FROM O LIMIT 3; CREATE TABLE Q AS SELECT A, SUM(B) AS N FROM P GROUP BY A;", "SUM(", "s"},
		{"the last stage", "CREATE TABLE O AS SELECT A, SUM(B) AS N FROM S GROUP BY A; CREATE TABLE P AS SELECT N FROM O WHERE N > 1;", "SUM(", "s"},
		{"a table that is joined", "SELECT S.B AS X, C, ABS(S.B) AS Y FROM S LEFT JOIN T ON S.A = T.A WHERE C > 1;", "ABS(", "s"},
		{"the side of FROM", "SELECT B, ABS(D) AS Y FROM S JOIN U WITHIN 1 SECOND ON S.A = U.A;", "ABS(", "u"},
		{"one of two joins", "SELECT ABS(B) AS Y FROM S JOIN U WITHIN 1 SECOND ON S.A = U.A JOIN T ON U.A = T.A;", "ABS(", "s"},
	} {
		t.Run(test.name, func(t *testing.T) {
			script, err := sql.Parse(sources + test.queries)
			if err != nil {
				t.Fatal(err)
			}
			c := &Case{Script: script}
			for _, topic := range []string{"s", "t", "u"} {
				c.Records = append(c.Records, Record{Topic: topic, Time: 1, Key: "1", Raw: "{}"})
			}
			got := Reduce(c, func(c *Case) bool {
				return planned(c.Script) && strings.Contains(c.Script.String(), test.fails) && slices.ContainsFunc(c.Records, func(r Record) bool { return r.Topic == test.topic })
			})
			if len(got.Script.Statements) != 2 || len(got.Records) != 1 {
				t.Errorf("more is left than a source, a query and a record:\n%s%s", got.Script, got.Input())
			}
		})
	}
}
