package processortest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Shapes compares every variant with the oracle over scripts in which queries read one
// another's rows and streams are joined. The scripts are patterns, filled in by a seed. Few
// keys and close times make many rows match.
func Shapes(t *testing.T, seeds []uint64, variants ...Variant) {
	t.Helper()
	for _, seed := range seeds {
		g, err := newShape(seed)
		if err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, g.Query)
			continue
		}
		c, err := newCase(g)
		if err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, g.Query)
			continue
		}
		if difference := newTrial(seed, variants).compare(c); difference != "" {
			t.Errorf("seed %d:\n%s\n%s", seed, g.Format(), difference)
		}
	}
}

// shape draws scripts.
type shape struct{ *rand.Rand }

func (s shape) pick(list ...string) string { return list[s.IntN(len(list))] }

// fill chooses a pattern and replaces the words in braces by random choices.
func (s shape) fill(patterns ...string) string {
	text := s.pick(patterns...)
	for {
		before, rest, found := strings.Cut(text, "{")
		if !found {
			return text
		}
		word, after, _ := strings.Cut(rest, "}")
		text = before + s.pick(parts[word]...) + after
	}
}

// topics are the streams of all shapes.
const topics = `CREATE STREAM a (k INT KEY, x INT, l ARRAY<INT>) WITH (kafka_topic='a', value_format='JSON');
CREATE STREAM b (k INT KEY, x INT, l ARRAY<INT>) WITH (kafka_topic='b', value_format='JSON');
CREATE STREAM c (k INT KEY, x INT, l ARRAY<INT>) WITH (kafka_topic='c', value_format='JSON');
`

// shapes are scripts; s and u are streams with columns k and x.
var shapes = []string{
	"{stream}CREATE TABLE t AS SELECT k, COUNT(*) AS n, SUM(x) AS sum FROM s {window} GROUP BY k {having} {emit};",
	"{stream}CREATE STREAM u AS SELECT x, k FROM s WHERE x <> 2 {rekey};CREATE TABLE t AS SELECT x, COUNT(*) AS n FROM u {window} GROUP BY x {having} {emit};",
	"{stream}CREATE STREAM u AS SELECT DISTINCT k, x FROM s;CREATE STREAM v AS SELECT k, x, SUM(x) OVER (PARTITION BY k ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS recent FROM u;",
	"{stream}CREATE TABLE t AS SELECT x, COUNT(*) AS n FROM s {window} GROUP BY x {emit};CREATE TABLE w AS SELECT k, MAX(x) AS m FROM s {window} GROUP BY k {having} {emit};",
	"{join}",
	"{join}CREATE TABLE t AS SELECT k, COUNT(*) AS n, SUM(y) AS sum FROM j {window} GROUP BY k {having} {emit};",
	"{join}CREATE STREAM u AS SELECT y, k FROM j WHERE y IS NULL OR y > 0 PARTITION BY y;",
	"CREATE TABLE t AS SELECT a.x AS x, COUNT(*) AS n, COUNT(b.x) AS m FROM a {kind} b {within} ON a.k = b.k {window} GROUP BY a.x {having} {emit};",
	"{stream}CREATE STREAM j AS SELECT s.k AS k, s.x AS x, b.x AS y FROM s {kind} b {within} ON s.k = b.k;",
	"{stream}CREATE STREAM j AS SELECT c.k AS k, s.x AS x, c.x AS y FROM c {kind} s {within} ON c.x = s.x;",
	"{stream}CREATE STREAM u AS SELECT k, x FROM b WHERE x > 0;CREATE STREAM j AS SELECT s.k AS k, s.x AS x, u.x AS y FROM s {kind} u {within} ON s.k = u.k;",
	"CREATE STREAM j AS SELECT a.x AS x, b.x AS y, c.x AS z FROM a {kind} b {within} ON a.k = b.k {kind} c {within} ON a.{column} = c.{column};",
	"CREATE STREAM j AS SELECT l.x AS x, r.x AS y FROM a l {kind} a r {within} ON l.k = r.{column};",
}

var parts = map[string][]string{
	"stream": {
		"CREATE STREAM s AS SELECT k, x FROM a WHERE x > 0;",
		"CREATE STREAM s AS SELECT k, EXPLODE(l) AS x FROM a;",
		"CREATE STREAM s AS SELECT k, 6 / x AS x FROM a PARTITION BY k;",
		"CREATE STREAM s AS SELECT a.k AS k, b.x AS x FROM a {kind} b {within} ON a.k = b.k;",
		"CREATE STREAM r AS SELECT k, x, l FROM a WHERE x <> 3;CREATE STREAM s AS SELECT k, EXPLODE(l) AS x FROM r;",
	},
	"join": {
		"CREATE STREAM j AS SELECT a.k AS k, a.x AS x, b.x AS y FROM a {kind} b {within} ON a.k = b.k;",
		"CREATE STREAM j AS SELECT a.k AS k, a.x AS x, b.x AS y FROM a {kind} b {within} ON a.{column} = b.{column} WHERE b.x IS NULL OR a.x <> b.x;",
		"CREATE STREAM j AS SELECT a.k AS k, a.x AS x, b.x AS y FROM a {kind} b {within} ON 6 / a.x = b.{column};",
		"CREATE STREAM j AS SELECT a.k AS k, a.x AS x, b.x AS y FROM a JOIN b ON a.k = b.k AND b.ROWTIME BETWEEN a.ROWTIME + INTERVAL '2' MILLISECONDS AND a.ROWTIME + INTERVAL '9' MILLISECONDS;",
	},
	"kind":   {"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"},
	"column": {"k", "x"},
	"within": {
		"WITHIN 10 MILLISECONDS", "WITHIN (3 MILLISECONDS, 12 MILLISECONDS)", "WITHIN (0 MILLISECONDS, 5 MILLISECONDS) GRACE PERIOD 0 MILLISECONDS",
		"WITHIN 5 MILLISECONDS GRACE PERIOD 3 MILLISECONDS", "WITHIN (8 MILLISECONDS, 1 MILLISECONDS) GRACE PERIOD 6 MILLISECONDS",
	},
	"window": {
		"", "WINDOW TUMBLING (SIZE 10 MILLISECONDS, GRACE PERIOD 0 MILLISECONDS)", "WINDOW TUMBLING (SIZE 10 MILLISECONDS, GRACE PERIOD 5 MILLISECONDS)",
		"WINDOW HOPPING (SIZE 10 MILLISECONDS, ADVANCE BY 4 MILLISECONDS, GRACE PERIOD 2 MILLISECONDS)", "WINDOW SESSION (4 MILLISECONDS, GRACE PERIOD 6 MILLISECONDS)",
	},
	"having": {"", "", "HAVING COUNT(*) <> 2", "HAVING COUNT(*) > 1"},
	"emit":   {"", "EMIT CHANGES", "EMIT FINAL"},
	"rekey":  {"", "PARTITION BY x", "PARTITION BY NULL"},
}

// newShape draws a script and records.
func newShape(seed uint64) (*Golden, error) {
	s := shape{rand.New(rand.NewPCG(seed, 7))}
	g := &Golden{File: "shape", About: "What shows it.\n", Query: topics + s.fill(shapes...) + "\n"}
	for _, option := range []string{"on_error: dlq", "late: dlq", "no flush"} {
		if s.IntN(4) == 0 {
			g.Options += option + "\n"
		}
	}
	p, err := g.Plan()
	if err != nil {
		return g, err
	}
	var read []string
	for _, src := range p.Sources {
		read = append(read, src.Topic)
	}
	var input strings.Builder
	for at := range 10 + s.IntN(30) {
		value := "null"
		if s.IntN(10) > 0 {
			var list []string
			for range s.IntN(4) {
				list = append(list, s.number())
			}
			value = fmt.Sprintf(`{"x":%s,"l":[%s]}`, s.number(), strings.Join(list, ","))
		}
		fmt.Fprintf(&input, "%s p%d %d %s -> %s\n", s.pick(read...), s.IntN(2), 100+3*at-s.IntN(12)*s.IntN(2), s.number(), value)
	}
	g.Input = input.String()
	return g, nil
}

// number returns a small number or NULL.
func (s shape) number() string { return s.pick("0", "1", "2", "2", "3", "null") }
