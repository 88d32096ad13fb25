package generate

import (
	"strings"
	"testing"

	"parallax/processors/functions"
	"parallax/processors/functions/aggregates"
	"parallax/processors/sql"
)

func TestASeedMakesTheSameCase(t *testing.T) {
	for seed := range uint64(50) {
		a, b := New(seed), New(seed)
		if a.Script.String() != b.Script.String() || a.Input() != b.Input() || a.Options != b.Options {
			t.Errorf("seed %d makes two cases:\n%s\n%s", seed, a.Script, b.Script)
		}
	}
}

// Every function of the registry is called somewhere, and every form of
// expression is there.
func TestScriptsHaveAllFunctionsAndClauses(t *testing.T) {
	var b strings.Builder
	for seed := range uint64(4000) {
		b.WriteString(New(seed).Script.String())
	}
	all := b.String()
	want := []string{
		" KEY,", " PRIMARY KEY", "VALUE_FORMAT='DELIMITED'", "VALUE_FORMAT='KAFKA'", "VALUE_DELIMITER='|'", "WRAP_SINGLE_VALUE=false", "KEY_FORMAT='DELIMITED'", "KEY_FORMAT='NONE'",
		" JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " FULL JOIN ", " WITHIN ", " AND A.ROWTIME", "CREATE TABLE OUT_2", "CREATE STREAM OUT_2", "FROM OUT_0", "FROM OUT_1", "ROWKEY",
		"TIMESTAMP='", "KEY_FORMAT='JSON'", "KEY_FORMAT='STRING'", "KEY_IN_VALUE=false", "EMIT_SCOPE='window'", "PARTITIONS=3",
		"DISTINCT ", " PARTITION BY C", " PARTITION BY NULL", " LIMIT 8", " WHERE ", " GROUP BY ", " HAVING ", "TUMBLING", "HOPPING", "SLIDING", "SESSION", "GRACE PERIOD", "EMIT CHANGES", "EMIT FINAL",
		"OVER (", "ROWS BETWEEN", "BUFFER", " CASE ", " BETWEEN ", " IN (", " LIKE ", "ESCAPE", " IS NULL", "IS DISTINCT FROM", "->*", "SELECT *", "]", " => ",
		"WINDOWSTART", "ROWTIME", "ROWPARTITION", "ROWOFFSET", "_TOPIC", "_KEY",
	}
	for _, family := range functions.Families() {
		for _, f := range family.Functions {
			want = append(want, f.Name+"(")
		}
	}
	for _, f := range aggregates.All() {
		want = append(want, string(f.Name)+"(")
	}
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("there is no %s", w)
		}
	}
}

func TestReduceLeavesWhatFails(t *testing.T) {
	c := New(4)
	fits := func(c *Case) bool { // with one source, every bad record belongs to the summed one
		text := c.Script.String()
		return strings.Contains(text, "SUM(") && strings.Count(text, "KAFKA_TOPIC") == 1 && len(c.Records) >= 10
	}
	for seed := uint64(5); !fits(c); seed++ {
		c = New(seed)
	}
	c.Records[7].Raw = `{"bad":1}`
	got := Reduce(c, func(c *Case) bool {
		return planned(c.Script) && strings.Contains(c.Script.String(), "SUM(") && strings.Contains(c.Input(), `"bad"`)
	})
	if len(got.Records) != 1 || len(got.Script.Statements) != 2 {
		t.Fatalf("more is left than one record, one source, one query:\n%s%s", got.Script, got.Input())
	}
	if s := got.Script.Statements[1].(*sql.CreateAs); len(s.Select.Items)+len(s.Select.GroupBy) > 1 || s.Select.Where != nil {
		t.Errorf("more is left than a SUM: %s", got.Script)
	}
}
