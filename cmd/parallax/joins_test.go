package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/diff"
	"parallax/processors"
	"parallax/processors/partitions"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/reports"
	"parallax/shadow/codec"
	"parallax/shadow/evidence"
	"parallax/shadow/kafka"
	"parallax/shadow/workload"
)

// joinScripts are jobs over trades and a table of the traders' desks, whose topics
// begin with a test's own name.
var joinScripts = map[string]string{
	"a join with a table": desksAndTrades + `CREATE STREAM trades_of_desks WITH (kafka_topic='@-out') AS
  SELECT m.trader_id AS trader_id, t.desk AS desk, m.symbol AS symbol, m.price AS price
  FROM market_data m LEFT JOIN traders t ON m.trader_id = t.trader_id EMIT CHANGES;
`,
	"a query over what another one wrote": desksAndTrades + `CREATE STREAM trades_of_desks WITH (kafka_topic='@-out') AS
  SELECT m.trader_id AS trader_id, t.desk AS desk, m.symbol AS symbol, m.quantity AS quantity
  FROM market_data m JOIN traders t ON m.trader_id = t.trader_id EMIT CHANGES;
CREATE TABLE desks WITH (kafka_topic='@-desks') AS
  SELECT desk, symbol, COUNT(*) AS trades, SUM(quantity) AS volume
  FROM trades_of_desks WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 5 SECONDS) GROUP BY desk, symbol EMIT CHANGES;
`,
}

const desksAndTrades = `CREATE TABLE traders (trader_id STRING PRIMARY KEY, desk STRING) WITH (kafka_topic='@-traders', value_format='JSON');
CREATE STREAM market_data (trader_id STRING, symbol STRING, price DECIMAL(10, 2), quantity BIGINT, ts TIMESTAMP)
  WITH (kafka_topic='@-trades', value_format='JSON', timestamp='ts');
`

// desksOf makes the records of the script's two topics: trades, and now and then a
// trader who changes desks or, without a value, is gone.
type desksOf struct {
	name   string
	trades *workload.Generator
	made   int
}

const joinPartitions = 3

func newDesksOf(t *testing.T, name string) *desksOf {
	s, err := workload.Lookup("3b")
	if err != nil {
		t.Fatal(err)
	}
	return &desksOf{name: name, trades: s.Generate(workload.Options{Records: 1 << 30, Seed: 3, Partitions: joinPartitions})}
}

// next makes n records, in their order of time and with the offsets of their topics.
func (d *desksOf) next(n int) (list []row.Record) {
	for range n {
		i := d.made
		d.made++
		if i >= 20 && i%10 != 0 {
			rec, _ := d.trades.Next()
			rec.Topic = d.name + "-trades"
			list = append(list, rec)
			continue
		}
		trader := i % 20
		if i >= 20 {
			trader = i / 10 % 20
		}
		rec := row.Record{
			TopicPartition: row.TopicPartition{Topic: d.name + "-traders", Partition: int32(trader % joinPartitions)},
			Timestamp:      workload.Epoch + int64(i), Key: fmt.Appendf(nil, "TRADER%02d", trader),
			Value: fmt.Appendf(nil, `{"desk":"DESK-%d"}`, (trader+i/200)%5),
		}
		if i%70 == 0 {
			rec.Value = nil
		}
		list = append(list, rec)
	}
	return list
}

func produceRecords(ctx context.Context, client *kgo.Client, list []row.Record) error {
	var batch []*kgo.Record
	for _, r := range list {
		batch = append(batch, &kgo.Record{Topic: r.Topic, Partition: r.Partition, Timestamp: time.UnixMilli(r.Timestamp), Key: r.Key, Value: r.Value})
	}
	return client.ProduceSync(ctx, batch...).FirstErr()
}

// joinJob writes a job file for one of the scripts, with topics of its own.
func joinJob(t *testing.T, seeds []string, name, script, more string) (path, sql string) {
	t.Helper()
	for _, topic := range []string{"-out", "-desks", "-traders", "-trades"} {
		keepAll(t, seeds, name+topic, joinPartitions)
	}
	sql = strings.ReplaceAll(script, "@", name)
	path = filepath.Join(t.TempDir(), "job.yaml")
	text := fmt.Sprintf("job: %s\nkafka: {brokers: [%q], group: %s, batch: 100}\nsql: |\n  %s\nprocessors: {v2: \"v2:3\"}\ndiff: {require_level: E1}\n%s",
		name, seeds[0], name, strings.ReplaceAll(sql, "\n", "\n  "), more)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, sql
}

func producer(t *testing.T, seeds []string) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// TestAJobOverSeveralTopicsGivesTheOraclesAnswer: each sink has the rows that brute
// force gives, and V2 agrees.
func TestAJobOverSeveralTopicsGivesTheOraclesAnswer(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		for what, script := range joinScripts {
			t.Run(what, func(t *testing.T) {
				name, records := place(t), 5_000
				path, sql := joinJob(t, seeds, name, script, "gate: {min_records: 1000, min_keys: 20, min_units: 20, max_probability: 0.2, min_event_time: 0s}\n")
				list := newDesksOf(t, name).next(records)
				if err := produceRecords(t.Context(), producer(t, seeds), list); err != nil {
					t.Fatal(err)
				}
				code, out, errs := parallax(t, "--json", "run", path, "--until-end", "--flush")
				var s reports.Summary
				if err := json.Unmarshal([]byte(out), &s); err != nil {
					t.Fatalf("exit %d, %v: %s %s", code, err, out, errs)
				}
				if l := s.Ledger; code != exitPass || s.LevelHeld != diff.E1 || l.Compared+l.Filtered != int64(records) || l.Records() != int64(records) {
					t.Fatalf("exit %d: %s", code, out)
				}
				p, err := plan.Compile(sql, plan.BuildOptions{})
				if err != nil {
					t.Fatal(err)
				}
				want, undecodable := truth(t, p, list, codec.DecodeOptions{}, joinPartitions)
				if undecodable > 0 {
					t.Fatalf("%d records do not decode", undecodable)
				}
				for _, q := range p.Queries {
					if len(want[q.Sink.Topic]) == 0 {
						t.Fatalf("there is nothing to compare %s with", q.Sink.Topic)
					}
					sameOutput(t, readBack(t, seeds, q.Sink.Topic), want[q.Sink.Topic])
				}
			})
		}
	})
}

// TestAV2OfAJoinThatFailedIsBackWithV1sState: a partition of V2 panics while records
// come; another V2 is given what V1 keeps of the table and of each stage, and nothing
// differs from then on.
func TestAV2OfAJoinThatFailedIsBackWithV1sState(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		for what, script := range joinScripts {
			t.Run(what, func(t *testing.T) {
				name := place(t)
				path, _ := joinJob(t, seeds, name, script,
					"v2: {reseed_after: 1ms, on_overload: block, deadline: 1m}\n")
				e := &env{ctx: t.Context(), out: io.Discard, errs: io.Discard, log: slog.New(slog.DiscardHandler)}
				var built atomic.Int32
				e.buildV2 = func(v2 processors.Config, p *plan.Plan, opt processors.Options) (processors.Processor, error) {
					first := built.Add(1) == 1
					return partitions.New(p, v2, opt, partitions.Hooks{
						Before: func(_, _ int, b *row.Batch, _ []int32) bool {
							if first && b.Seq == 10 {
								panic("this V2 is made to fail")
							}
							return true
						},
					})
				}
				j, err := (&runCommand{}).load(e, path)
				if err != nil {
					t.Fatal(err)
				}
				data, client := newDesksOf(t, name), producer(t, seeds)
				produced := int64(0)
				produce := func(ctx context.Context, n int) error {
					produced += int64(n)
					return produceRecords(ctx, client, data.next(n))
				}
				// The broker knows topics that were produced to.
				if err := produce(t.Context(), 2_000); err != nil {
					t.Fatal(err)
				}
				j.Feed = func(ctx context.Context, _ *kafka.Task) error {
					for back := false; !back; {
						if produced > 500_000 {
							return errors.New("V2 does not come back")
						}
						if err := produce(ctx, 100); err != nil {
							return err
						}
						var metrics strings.Builder
						j.WriteMetrics(&metrics)
						back = strings.Contains(metrics.String(), "\nparallax_v2_reseeds_total 1\n")
					}
					return produce(ctx, 3_000) // of which some are filtered: 2,000 are compared
				}
				r, err := j.Run(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				s := summary(r)
				l := s.Ledger
				if l.Records() != produced || l.Gap+l.Pending+l.Shed != 0 || l.V2Error == 0 || l.Compared < 2_000 {
					t.Errorf("%d produced, ledger %+v", produced, l)
				}
				if s.V2.Reseeds != 1 || s.V2.HoleCount != 1 || built.Load() != 2 || len(s.V2.Holes) != 1 {
					t.Fatalf("%d V2s: %+v", built.Load(), s.V2)
				}
				if h := s.V2.Holes[0]; h.To == evidence.NoBatch || h.Records != l.V2Error+l.NotComparable || !strings.Contains(h.Reason, "made to fail") {
					t.Errorf("the hole is %+v, the ledger %+v", h, l)
				}
				// That it failed is the only divergence.
				if d := s.Divergences; d.Root != 1 || d.Cascade != 0 || d.ByClass["arm_error"] != 1 {
					t.Errorf("divergences: %+v", d)
				}
			})
		}
	})
}

func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}
