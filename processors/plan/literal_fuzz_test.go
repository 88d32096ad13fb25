package plan

import (
	"math/big"
	"strings"
	"testing"

	"parallax/processors/row"
	"parallax/processors/sql"
)

// FuzzLiteral reads any text as a literal of every type: a number has exactly the value of
// its digits and a type that can hold it, and a text that is read as a type has that type.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{
		"0", "007", "1.50", ".5", "2.", "1e3", "1e400", "2147483648", "9223372036854775808", strings.Repeat("9", 38), strings.Repeat("9", 39),
		"0." + strings.Repeat("0", 40) + "1", "-1.5", " 12", "NaN", "-Infinity", "true", "2026-01-31T23:59:59.999+01:00", "2026-02-29", "24:00:00", "é", "",
	} {
		f.Add(s)
	}
	types := []row.Type{
		row.Of(row.Boolean), row.Of(row.Int), row.Of(row.Bigint), row.Of(row.Double), row.DecimalType(10, 2), row.Of(row.String),
		row.Of(row.Bytes), row.Of(row.Timestamp), row.Of(row.Date), row.Of(row.Time),
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, want := range types {
			if v, ok := readAs(text, want); ok && v.Kind() != want.Kind {
				t.Errorf("%q read as %s is a %s", text, want, v.Kind())
			}
		}
		script, err := sql.Parse("SELECT " + text + " FROM t")
		if err != nil {
			return
		}
		s, ok := script.Statements[0].(*sql.CreateAs)
		if !ok || len(s.Select.Items) != 1 {
			return
		}
		n, ok := s.Select.Items[0].Expr.(*sql.Number)
		if !ok {
			return
		}
		lit, ok := numberLiteral(n.Text)
		if !ok {
			return
		}
		if lit.T.Kind == row.Double {
			if !strings.ContainsAny(n.Text, "eE") {
				t.Errorf("%s is a DOUBLE", n.Text)
			}
			return
		}
		exact, ok := new(big.Rat).SetString(n.Text)
		got, gotOK := new(big.Rat).SetString(lit.Value.String())
		if !ok || !gotOK || exact.Cmp(got) != 0 {
			t.Errorf("%s becomes %s", n.Text, lit.Value)
		}
		if d := lit.T; d.Kind == row.Decimal && (d.Precision > row.MaxPrecision || d.Scale > d.Precision) || lit.Value.Kind() != d.Kind {
			t.Errorf("%s is a %s of %s", n.Text, d, lit.Value.Kind())
		}
		if minus, ok := negated(lit).(*Literal); !ok || minus.Value.Kind() != minus.T.Kind {
			t.Errorf("-%s is %v", n.Text, minus)
		}
	})
}

// FuzzCompile: no script makes the planner panic, and every plan can be explained.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		"SELECT a, SUM(b) AS s FROM t WHERE a > 1 AND k LIKE 'x%' GROUP BY a HAVING COUNT(*) > 1",
		"SELECT CASE a + 1 WHEN 2 THEN 'x' ELSE UPPER(k) END, a * 2 BETWEEN b AND 5.5 FROM t",
		"SELECT k, COUNT(*) FROM t WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 1 SECOND) GROUP BY k EMIT FINAL",
		"SELECT t.*, u.v FROM t LEFT JOIN u WITHIN 1 HOUR ON t.k = u.k WHERE u.v IS NULL PARTITION BY v",
		"SELECT o.a FROM t o JOIN u ON o.k = u.k AND o.ts BETWEEN u.ts - INTERVAL '1' DAY AND u.ts LIMIT 3",
		"SELECT LAG(a, 1) OVER (PARTITION BY k ORDER BY ts ROWS 3 PRECEDING) FROM t; CREATE TABLE x AS SELECT b, MAX(d) FROM t GROUP BY b",
		"CREATE TABLE w (a INT PRIMARY KEY) WITH (kafka_topic='w', partitions=3); SELECT DATE '2026-01-31', CAST(p AS DECIMAL(5,1)) FROM t",
	} {
		f.Add(s)
	}
	const declared = "CREATE STREAM t (k STRING KEY, a INT, b BIGINT, d DOUBLE, p DECIMAL(10,2), f BOOLEAN, ts TIMESTAMP) WITH (kafka_topic='t', timestamp='ts'); " +
		"CREATE STREAM u (k STRING KEY, a BIGINT, v STRING, ts TIMESTAMP) WITH (kafka_topic='u', timestamp='ts');\n"
	f.Fuzz(func(t *testing.T, script string) {
		if p, err := Compile(declared+script, BuildOptions{DefaultTopic: "OUT"}); err == nil && p.Explain() == "" {
			t.Errorf("%s is explained by nothing", script)
		}
	})
}
