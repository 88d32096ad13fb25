package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/diff"
	"parallax/reports"
)

// TestATopicThatIsKeyedByTheGroupKeyIsNotRoutedAgain runs a job over a topic of
// which the producer put equal keys into one topic-partition, and records without
// a key into any.
func TestATopicThatIsKeyedByTheGroupKeyIsNotRoutedAgain(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		const records, partitions = 6_000, 5
		name := place(t)
		keepAll(t, seeds, name+"-in", partitions)
		client, err := kgo.NewClient(kgo.SeedBrokers(seeds...))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		for i := range records {
			r := &kgo.Record{Topic: name + "-in", Value: fmt.Appendf(nil, `{"quantity":%d}`, i)}
			if n := i * i % 701; n%50 > 0 {
				r.Key = fmt.Appendf(nil, "SYM%03d", n)
			}
			client.Produce(t.Context(), r, func(_ *kgo.Record, err error) {
				if err != nil {
					t.Error(err)
				}
			})
		}
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, strategy := range []string{"auto", "smart", "sticky"} {
			group := name + "-" + strategy
			path := filepath.Join(t.TempDir(), "job.yaml")
			text := fmt.Sprintf(`job: %[1]s
kafka: {brokers: [%[2]q], group: %[1]s}
sql: |
  CREATE STREAM trades (symbol STRING KEY, quantity BIGINT) WITH (kafka_topic='%[3]s-in', value_format='JSON');
  CREATE TABLE totals WITH (kafka_topic='%[1]s-out') AS SELECT symbol, COUNT(*) AS n, SUM(quantity) AS total FROM trades GROUP BY symbol EMIT CHANGES;
processors: {v2: "v2:3"}
v2: {partitioning_strategy: %[4]s}
diff: {require_level: E1}
gate: {min_records: 1000, min_keys: 100, min_units: 100, max_probability: 0.05, min_event_time: 0s}
`, group, seeds[0], name, strategy)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			code, out, errs := parallax(t, "--json", "run", path, "--until-end", "--flush")
			var s reports.Summary
			if err := json.Unmarshal([]byte(out), &s); err != nil {
				t.Fatalf("%s: exit %d, %v: %s %s", strategy, code, err, out, errs)
			}
			if code != exitPass || s.LevelHeld != diff.E1 || s.Ledger.Compared != records || s.Divergences.Root != 0 {
				t.Errorf("%s: exit %d: %s", strategy, code, out)
			}
			byTopic := strings.Contains(s.V2.Routing[0].Why, "topic-partition")
			if byTopic != (strategy != "auto") {
				t.Errorf("%s: %+v", strategy, s.V2.Routing)
			}
		}
	})
}
