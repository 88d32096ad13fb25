package expression

import (
	"testing"

	"parallax/processors/plan"
	"parallax/processors/row"
)

func TestASharedExpressionIsComputedOnceARecord(t *testing.T) {
	f, err := Compile(&shared{Expr: &plan.System{Which: plan.RowOffset}, slot: 1})
	if err != nil {
		t.Fatal(err)
	}
	n := &Env{Record: &row.Record{Offset: 7}, turn: 1}
	for _, step := range []struct {
		turn         uint64
		offset, want int64
	}{{1, 7, 7}, {1, 8, 7}, {2, 8, 8}, {3, 9, 9}, {3, 10, 9}} {
		n.turn, n.Record.Offset = step.turn, step.offset
		if v, err := f(n); err != nil || v.Int64() != step.want {
			t.Errorf("at turn %d of offset %d it is %v, %v, want %d", step.turn, step.offset, v, err, step.want)
		}
	}
}

func TestLiteralsAreFoldedAsFarAsTheyCanBe(t *testing.T) {
	p, err := plan.Compile(`CREATE STREAM t (s STRING, n INT) WITH (kafka_topic='t');
		SELECT n + 2 * 3 AS a, n + 1 / 0 AS b, UPPER('x') || s AS c, CASE WHEN 1 = 1 THEN n END AS d, CAST('12.5' AS DECIMAL(5,2)) + 1 AS e,
			2147483647 + 1 AS f, NULL + 1 AS g FROM t WHERE n > 60 * 1000 AND UPPER(s) = 'A' AND LENGTH(UPPER(s)) < 9;`, plan.BuildOptions{DefaultTopic: "OUT"})
	if err != nil {
		t.Fatal(err)
	}
	q := ComputedOnce(p.Queries[0])
	for i, want := range []string{"(N + 6)", "(N + (1 / 0))", "('X' || S)", "CASE WHEN true THEN N END", "13.50", "(2147483647 + 1)", "NULL"} {
		if got := q.Items[i]; got.String() != want || !got.Type().Equal(p.Queries[0].Items[i].Type()) {
			t.Errorf("%s becomes %s, a %s, want %s", p.Queries[0].Items[i], got, got.Type(), want)
		}
	}
	if before := p.Queries[0].Where.String(); q.Where.String() == before {
		t.Errorf("nothing is folded in %s", before)
	}
	if got := p.Queries[0].Items[0].String(); got != "(N + (2 * 3))" {
		t.Errorf("the plan itself became %s", got)
	}
}
