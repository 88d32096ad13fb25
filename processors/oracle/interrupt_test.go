package oracle_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/oracle"
	"parallax/processors/plan"
	"parallax/processors/processortest"
	"parallax/processors/row"
)

// endsAfter is a context that ends once it has been asked left times.
type endsAfter struct {
	context.Context
	left, asked int
}

func (c *endsAfter) Err() error {
	if c.asked++; c.asked > c.left {
		return context.Canceled
	}
	return nil
}

// TestTheOracleStopsInTheMiddleOfARecord: each of these queries has a loop with many steps
// for one record, or for the flush.
func TestTheOracleStopsInTheMiddleOfARecord(t *testing.T) {
	const sources = `CREATE STREAM t (s STRING, n INT, list ARRAY<INT>) WITH (kafka_topic='t', value_format='JSON');
		CREATE STREAM u (s STRING, n INT) WITH (kafka_topic='u', value_format='JSON');`
	list := `"list":[` + strings.Repeat("7,", 999) + `7]`
	for name, c := range map[string]struct {
		query   string
		records int
	}{
		"windows":          {`SELECT s, COUNT(*) AS c FROM t WINDOW HOPPING (SIZE 1 SECOND, ADVANCE BY 1 MILLISECOND) GROUP BY s EMIT CHANGES;`, 2},
		"scope":            {`CREATE TABLE o WITH (kafka_topic='o', emit_scope='window') AS SELECT n, COUNT(*) AS c FROM t WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY n EMIT CHANGES;`, 200},
		"flush":            {`SELECT n, COUNT(*) AS c FROM t GROUP BY n EMIT FINAL;`, 200},
		"sessions":         {`SELECT n, COUNT(*) AS c FROM t WINDOW SESSION (1 SECOND) GROUP BY n EMIT FINAL;`, 200},
		"COUNT(DISTINCT)":  {`SELECT s, COUNT(DISTINCT n) AS c FROM t GROUP BY s EMIT FINAL;`, 200},
		"HISTOGRAM":        {`SELECT s, HISTOGRAM(CAST(n AS STRING)) AS c FROM t GROUP BY s EMIT FINAL;`, 200},
		"TOPKDISTINCT":     {`SELECT s, TOPKDISTINCT(n, 2) AS c FROM t GROUP BY s EMIT FINAL;`, 200},
		"OVER":             {`SELECT s, COUNT(DISTINCT n) OVER (PARTITION BY s ORDER BY ROWTIME ROWS BETWEEN 1000 PRECEDING AND CURRENT ROW) AS c FROM t EMIT CHANGES;`, 200},
		"SELECT DISTINCT":  {`SELECT DISTINCT n FROM t EMIT CHANGES;`, 200},
		"EXPLODE":          {`SELECT EXPLODE(list) AS item FROM t EMIT CHANGES;`, 2},
		"a chain":          {`CREATE STREAM o WITH (kafka_topic='o') AS SELECT s, EXPLODE(list) AS item FROM t EMIT CHANGES; SELECT s, item FROM o EMIT CHANGES;`, 2},
		"rows of a stream": {`SELECT a.s AS s, b.n AS n FROM t a JOIN u b WITHIN 1 HOUR ON a.s = b.s EMIT CHANGES;`, 200},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := plan.Compile(sources+c.query, plan.BuildOptions{DefaultTopic: "OUT"})
			if err != nil {
				t.Fatal(err)
			}
			var input strings.Builder
			for n := range c.records {
				topic := "t"
				if len(p.Sources) > 1 && n%2 > 0 {
					topic = "u"
				}
				fmt.Fprintf(&input, `{"topic":%q,"timestamp":%d,"value":{"s":"a","n":%d,%s}}`+"\n", topic, 5000+n, n, list)
			}
			batches, err := processortest.ReadBatches(p, input.String(), c.records+1, true)
			if err != nil {
				t.Fatal(err)
			}
			whole, err := process(t, p, batches, 1<<30)
			if err != nil {
				t.Fatal(err)
			}
			// It checks the context once before each record, even after few steps.
			if inside := whole.asked - c.records; inside < 3 {
				t.Errorf("it looked at the context %d times in the middle of records", inside)
			}
			for n := 0; n < whole.asked; n += 1 + whole.asked/10 {
				ended, err := process(t, p, batches, n)
				if !errors.Is(err, context.Canceled) {
					t.Errorf("it went on when the context ended after %d looks: %v", n, err)
				}
				if again := ended.asked - n; again > 2 {
					t.Errorf("it looked at a context that had ended %d times", again)
				}
			}
		})
	}
}

// process runs all batches with a context that ends after a number of checks.
func process(t *testing.T, p *plan.Plan, batches []*row.Batch, looks int) (*endsAfter, error) {
	t.Helper()
	o, err := oracle.New(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := &endsAfter{Context: context.Background(), left: looks}
	for _, b := range batches {
		if _, err := o.Process(ctx, b); err != nil {
			return ctx, err
		}
	}
	return ctx, nil
}
