package processors_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/processortest"
)

// overWindows are queries that remember rows of windows: x goes by the sources' time,
// y by that of c, which is behind it.
var overWindows = map[string]string{
	"a join":                  `CREATE TABLE z AS SELECT x.k AS k, n, m FROM x JOIN y ON x.k = y.k;`,
	"a full join":             `CREATE TABLE z AS SELECT COALESCE(y.k, x.k) AS k, n, m FROM y FULL JOIN x ON y.k = x.k;`,
	"a join of three":         `CREATE TABLE z AS SELECT x.k AS k, x.n AS n, y.m AS m, w.n AS o FROM x JOIN y ON x.k = y.k JOIN x w ON y.k = w.k;`,
	"a stream and a table":    `CREATE STREAM v AS SELECT k, COUNT(*) AS n FROM c WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 5 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY k; CREATE STREAM z AS SELECT v.k AS k, n, m FROM v LEFT JOIN h ON v.k = h.k;`,
	"a projection":            `CREATE TABLE z AS SELECT k, m FROM y WHERE m % 3 > 0;`,
	"an aggregation":          `CREATE TABLE z AS SELECT k, COUNT(*) AS n, SUM(m) AS m, AVG(m) AS mean FROM y GROUP BY k;`,
	"sessions":                `CREATE TABLE z AS SELECT s.k AS k, s.n AS n, t.m AS m FROM s LEFT JOIN t ON s.k = t.k;`,
	"sessions that are added": `CREATE TABLE z AS SELECT k, COUNT(*) AS n, SUM(n) AS m FROM s GROUP BY k;`,
	"EMIT FINAL":              `CREATE TABLE z AS SELECT f.k AS k, f.n AS n, y.m AS m FROM f JOIN y ON f.k = y.k;`,
	"a chain":                 `CREATE TABLE p AS SELECT k, m + 1 AS m FROM y; CREATE TABLE q AS SELECT p.k AS k, n, m FROM x LEFT JOIN p ON x.k = p.k; CREATE TABLE z AS SELECT k, n, m FROM q WHERE n > 0;`,
}

const windows = `
	CREATE STREAM a (k STRING, n INT) WITH (kafka_topic='a', value_format='JSON');
	CREATE STREAM b (k STRING, m INT) WITH (kafka_topic='b', value_format='JSON');
	CREATE STREAM c AS SELECT k, m FROM b WHERE m > 0;
	CREATE TABLE x AS SELECT k, SUM(n) AS n FROM a WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY k;
	CREATE TABLE y AS SELECT k, SUM(m) AS m FROM c WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 2 SECONDS) GROUP BY k HAVING SUM(m) % 5 > 0;
	CREATE TABLE h AS SELECT k, SUM(m) AS m FROM b WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 5 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY k;
	CREATE TABLE f AS SELECT k, SUM(n) AS n FROM a WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY k EMIT FINAL;
	CREATE TABLE s AS SELECT k, COUNT(*) AS n FROM a WINDOW SESSION (2 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY k;
	CREATE TABLE t AS SELECT k, COUNT(*) AS m FROM c WINDOW SESSION (2 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY k;
`

// behind are records of a and b, of so many minutes, in which c, those of b above 0, is
// 25 s behind.
func behind(minutes int) string {
	rng := rand.New(rand.NewPCG(4, 2))
	var b strings.Builder
	for now := 100_000; now < 100_000+60_000*minutes; now += 500 + rng.IntN(1500) {
		key := rng.IntN(4)
		fmt.Fprintf(&b, "a %d {\"k\":\"%d\",\"n\":%d}\n", now-rng.IntN(8000), key, rng.IntN(10))
		fmt.Fprintf(&b, "b %d {\"k\":\"%d\",\"m\":%d}\n", now-rng.IntN(8000), key, -rng.IntN(3))
		fmt.Fprintf(&b, "b %d {\"k\":\"%d\",\"m\":%d}\n", now-25_000-rng.IntN(5000), rng.IntN(4), rng.IntN(10))
	}
	return b.String()
}

func TestRowsOfWindowsAreRememberedUntilTheyAreSettled(t *testing.T) {
	// Of 4 keys, each of which has about 9 windows within 25 s and the graces, and 180
	// and more over all the minutes.
	const minutes, most = 30, 40
	for name, text := range overWindows {
		t.Run(name, func(t *testing.T) {
			p, err := plan.Compile(windows+text, plan.BuildOptions{})
			if err != nil {
				t.Fatal(err)
			}
			lines, err := processortest.Lines(behind(minutes))
			if err != nil {
				t.Fatal(err)
			}
			batches, err := processortest.ReadBatches(p, lines, 10, true)
			if err != nil {
				t.Fatal(err)
			}
			truth, err := processortest.Oracle.New(p, processors.Options{LateToDeadLetter: true})
			if err != nil {
				t.Fatal(err)
			}
			want := run(t, truth, batches)
			for _, path := range []processors.Processor{newV1(t, p), newV2(t, p, 3, partitions.Hooks{})} {
				got := &processortest.Total{}
				held := make([]int, len(p.Stages))
				for _, b := range batches {
					o, err := path.Process(t.Context(), b)
					if err != nil {
						t.Fatal(err)
					}
					got.Add(o)
					s, err := path.(processors.Snapshotter).Snapshot()
					if err != nil {
						t.Fatal(err)
					}
					for i, entries := range s.Queries {
						held[i] = max(held[i], len(entries))
					}
				}
				if d := got.Difference(want); d != "" {
					t.Errorf("%s: %s", path.Describe().Name, d)
				}
				for i, n := range held {
					if n > most {
						t.Errorf("%s: %s held %d keys at once, want at most %d", path.Describe().Name, p.Stages[i].Sink.Name, n, most)
					}
				}
			}
		})
	}
}
