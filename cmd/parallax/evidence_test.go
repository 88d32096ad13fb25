package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/plan"
	"parallax/reports"
	"parallax/reports/gate"
	"parallax/shadow/evidence"
	"parallax/shadow/job"
	"parallax/shadow/kafka"
)

// weighed runs a job over values of a topic with one partition, to its end, under the
// default policy but for what changes says. IN and OUT in the script are topics of its
// own.
func weighed(t *testing.T, seeds []string, script, changes string, values []string) (int, reports.Summary) {
	t.Helper()
	name := place(t)
	keepAll(t, seeds, name+"-in", 1)
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds...))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, v := range values {
		client.Produce(t.Context(), &kgo.Record{Topic: name + "-in", Value: []byte(v)}, func(_ *kgo.Record, err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	script = strings.NewReplacer("'IN'", "'"+name+"-in'", "'OUT", "'"+name+"-out").Replace(script)
	text := fmt.Sprintf("job: %[1]s\nkafka: {brokers: [%[2]q], group: %[1]s}\nsql: |\n  %[3]s\ndiff: {require_level: E1}\n%[4]s\n",
		name, seeds[0], strings.ReplaceAll(strings.TrimSpace(script), "\n", "\n  "), changes)
	code, s, _ := runToTheEnd(t, text)
	for i := range s.ByOutput {
		s.ByOutput[i].Topic = strings.TrimPrefix(s.ByOutput[i].Topic, name+"-")
	}
	s.Reason = strings.ReplaceAll(s.Reason, name+"-", "")
	return code, s
}

const clicks = `CREATE STREAM clicks (k STRING, amount BIGINT, ts TIMESTAMP) WITH (kafka_topic='IN', value_format='JSON', timestamp='ts');
`

// click is a value of clicks, seconds after some day.
func click(key string, seconds float64) string {
	return fmt.Sprintf(`{"k":%q,"amount":1,"ts":%d}`, key, 1_700_000_000_000+int64(seconds*1000))
}

func TestARunOfWhichTheEvidenceIsThinDoesNotPass(t *testing.T) {
	const perSecond = "CREATE TABLE sums WITH (kafka_topic='OUT') AS SELECT k, COUNT(*) AS n FROM clicks WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 SECOND) GROUP BY k EMIT CHANGES;\n"
	repeat := func(n int, value func(i int) string) (values []string) {
		for i := range n {
			values = append(values, value(i))
		}
		return values
	}
	// What passes but for how it is run: 4,000 keys, three windows of each.
	spread := repeat(12_000, func(i int) string { return click(fmt.Sprint(i%4000), float64(i)/1000) })
	for _, c := range []struct {
		name, script, changes string
		values                []string
		reason                string
	}{
		{
			"one key over 4,000 windows", clicks + perSecond, "",
			repeat(12_000, func(i int) string { return click("a", float64(i)/3) }),
			"out has 1 distinct key: gate.min_keys is 1,000; if the input has no more keys, set gate.min_keys: 1",
		},
		{
			"sessions that grow by each record", clicks + "CREATE TABLE visits WITH (kafka_topic='OUT') AS SELECT k, COUNT(*) AS n FROM clicks WINDOW SESSION (10 SECONDS, GRACE PERIOD 1 SECOND) GROUP BY k EMIT CHANGES;\n", "",
			// 1,200 keys, each with one session of ten records.
			repeat(12_000, func(i int) string { return click(fmt.Sprint(i/10), float64(i)) }),
			"needs 1,800 more keys and windows of out (1,200 of 3,000, gate.min_units)",
		},
		{
			"a stateless output beside three keys", clicks + `CREATE STREAM copies WITH (kafka_topic='OUT-copies') AS SELECT k, amount FROM clicks;
CREATE TABLE totals WITH (kafka_topic='OUT-totals') AS SELECT k, COUNT(*) AS n FROM clicks GROUP BY k EMIT CHANGES;
`, "",
			repeat(12_000, func(i int) string { return click(fmt.Sprint(i%3), float64(i)) }),
			"out-totals has 3 distinct keys: gate.min_keys is 1,000; if the input has no more keys, set gate.min_keys: 3",
		},
		{
			"a span that one outlier made", clicks + strings.ReplaceAll(perSecond, "SIZE 1 SECOND", "SIZE 1 HOUR"), "gate: {min_keys: 1000}",
			append(repeat(12_000, func(i int) string { return click(fmt.Sprint(i%4000), float64(i)/1000) }), click("0", 24*60*60)),
			"event time spans 11.7",
		},
		{
			"a second V1 as the candidate", clicks + perSecond, "processors: {v1: v1, v2: v1}\ngate: {min_partitions: 1}", spread,
			"the candidate is another V1, one pipeline without partitions",
		},
		{
			"all routed to one of four partitions", clicks + perSecond, "processors: {v2: \"v2:4\"}\nv2: {partitioning_strategy: fan_in}", spread,
			"1 of V2's 4 partitions had records of SUMS, and gate.min_partitions is 2 (routed by fan_in: ",
		},
		{
			"keys that all hash to one partition", clicks + perSecond, "processors: {v2: \"v2:4\"}\ngate: {min_keys: 1}",
			repeat(12_000, func(i int) string { return click("a", float64(i)/3) }),
			"1 of V2's 4 partitions had records of SUMS, and gate.min_partitions is 2 (routed by always_hash: ",
		},
		{
			"a query that cannot be split", clicks + "CREATE TABLE totals WITH (kafka_topic='OUT') AS SELECT COUNT(*) AS n FROM clicks WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 SECOND) EMIT CHANGES;\n", "",
			spread,
			"TOTALS cannot be split (no GROUP BY: all records share one group, so one partition has to see them all), and gate.min_partitions is 2: set gate.min_partitions: 1",
		},
		{
			"LIMIT", clicks + "CREATE STREAM first WITH (kafka_topic='OUT') AS SELECT k, amount FROM clicks LIMIT 5000;\n", "", spread,
			"FIRST cannot be split (LIMIT counts all rows of the query, so one partition has to see them all)",
		},
		{
			"nearly all records late", clicks + perSecond, "gate: {min_records: 1000}",
			append(repeat(1_002, func(i int) string { return click(fmt.Sprint(i%1000), 100+float64(i)) }),
				repeat(18_999, func(i int) string { return click(fmt.Sprint(i), 0) })...),
			"18,999 of 20,001 records (95 %) came too late for every window, and gate.max_late allows 5 %",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBrokers(t, func(t *testing.T, seeds []string) {
				code, s := weighed(t, seeds, c.script, c.changes, c.values)
				if code != exitInconclusive || s.Divergences.Root != 0 || !strings.Contains(s.Reason, c.reason) {
					t.Errorf("exit %d: %s\nwant %s\n%+v", code, s.Reason, c.reason, s.ByOutput)
				}
			})
		})
	}
}

// TestWhatThePolicyAllowsPasses: the jobs of the test above are refused for what it names
// and for nothing else.
func TestWhatThePolicyAllowsPasses(t *testing.T) {
	var spread []string
	for i := range 12_000 {
		spread = append(spread, click(fmt.Sprint(i%4000), float64(i)/1000))
	}
	for name, c := range map[string]struct{ script, changes string }{
		"as it is":            {"SELECT k, COUNT(*) AS n FROM clicks WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 SECOND) GROUP BY k EMIT CHANGES", ""},
		"all to one, allowed": {"SELECT COUNT(*) AS n FROM clicks WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 1 SECOND) EMIT CHANGES", "gate: {min_partitions: 1, min_units: 10, max_probability: 0.3}"},
	} {
		t.Run(name, func(t *testing.T) {
			onBrokers(t, func(t *testing.T, seeds []string) {
				code, s := weighed(t, seeds, clicks+"CREATE TABLE sums WITH (kafka_topic='OUT') AS "+c.script+";\n", c.changes, spread)
				if code != exitPass {
					t.Errorf("exit %d: %s", code, s.Reason)
				}
			})
		})
	}
}

func TestARunWhoseV1FallsBehindDoesNotPass(t *testing.T) {
	j := &job.Job{Name: "j", Plan: &plan.Plan{}, Policy: gate.Policy{MinPartitions: 1, MaxProbability: 0.001, Confidence: 0.95, MinEventTime: "0s"}}
	rep := shown(evidence.Throughput{})
	if s := judged(j, rep, kafka.Stats{}, nil); s.Code != exitPass {
		t.Fatalf("%s: %s", s.Verdict, s.Reason)
	}
	rep.LagGrowing = true
	if s := judged(j, rep, kafka.Stats{}, nil); s.Code != exitInconclusive || !strings.Contains(s.Reason, "its lag has grown") {
		t.Errorf("%s: %s", s.Verdict, s.Reason)
	}
}
