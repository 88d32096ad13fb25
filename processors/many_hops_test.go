package processors_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/processors/processortest"
)

// TestRecordsInThousandsOfWindowsComeOutAsTheOracleSays has records that come late, so
// that windows open between others, and time that passes, so that many close at once.
func TestRecordsInThousandsOfWindowsComeOutAsTheOracleSays(t *testing.T) {
	const source = `CREATE STREAM t (s STRING) WITH (kafka_topic='t', value_format='JSON');`
	for _, query := range []string{
		`SELECT s, COUNT(*) AS n FROM t WINDOW HOPPING (SIZE 2 SECONDS, ADVANCE BY 1 MILLISECOND, GRACE PERIOD 1 SECOND) GROUP BY s HAVING COUNT(*) < 3 EMIT CHANGES;`,
		`SELECT s, COUNT(*) AS n FROM t WINDOW HOPPING (SIZE 2 SECONDS, ADVANCE BY 1 MILLISECOND, GRACE PERIOD 1 SECOND) GROUP BY s EMIT FINAL;`,
	} {
		p, err := plan.Compile(source+query, plan.BuildOptions{DefaultTopic: "OUT"})
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		var input strings.Builder
		for n := range 30 {
			fmt.Fprintf(&input, `{"topic":"t","timestamp":%d,"value":{"s":"%c"}}`+"\n", 9000+n*400-rng.IntN(5000), 'a'+rng.IntN(3))
		}
		run := func(v processortest.Variant) *processortest.Total {
			batches, err := processortest.ReadBatches(p, input.String(), 4, true)
			if err != nil {
				t.Fatal(err)
			}
			proc, err := v.New(p, processors.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer proc.Close()
			total, err := processortest.Run(proc, batches)
			if err != nil {
				t.Fatal(err)
			}
			return total
		}
		want := run(processortest.Oracle)
		if len(want.Changes) < 20_000 || want.Late == 0 {
			t.Fatalf("the records make %d rows, %d are late", len(want.Changes), want.Late)
		}
		for _, config := range []string{"v1", "v2:3"} {
			if different := run(processortest.Named(config)).Difference(want); different != "" {
				t.Errorf("%s: %s", config, different)
			}
		}
	}
}
