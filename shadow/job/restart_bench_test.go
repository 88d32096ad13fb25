package job_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/config"
	"parallax/shadow/embedded"
	"parallax/shadow/job"
)

// BenchmarkRestart measures a job whose state has a million keys, after a clean stop: from the start to the first new row that a
// consumer gets, read committed, and what of that it took to restore V1's state. Both are of a process that reads its files from the cache of the operating
// system. go test ./shadow/job -run XXX -bench Restart -benchtime 1x
func BenchmarkRestart(b *testing.B) {
	const keys = 1_000_000
	const measured = `CREATE STREAM s (k STRING KEY, x INT) WITH (kafka_topic='s', value_format='JSON');
`
	for _, c := range []struct{ name, sql string }{
		{"aggregation", measured + `CREATE TABLE o WITH (kafka_topic='o') AS SELECT k, COUNT(*) AS n, SUM(x) AS y FROM s GROUP BY k EMIT CHANGES;`},
		{"tumbling", measured + `CREATE TABLE o WITH (kafka_topic='o') AS SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 DAY) GROUP BY k EMIT CHANGES;`},
		{"session", measured + `CREATE TABLE o WITH (kafka_topic='o') AS SELECT k, COUNT(*) AS n FROM s WINDOW SESSION (1 DAY) GROUP BY k EMIT CHANGES;`},
		{"join of streams", measured + `CREATE STREAM o WITH (kafka_topic='o') AS SELECT a.k AS k, a.x AS x, b.x AS y FROM s a LEFT JOIN s b WITHIN 1 DAY GRACE PERIOD 1 DAY ON a.k = b.k;`},
	} {
		b.Run(c.name, func(b *testing.B) {
			broker, err := embedded.Start(embedded.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer broker.Stop()
			for _, topic := range []string{"s", "o"} {
				if err := broker.CreateTopic(b.Context(), topic, 1, embedded.Retention{}); err != nil {
					b.Fatal(err)
				}
			}
			client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addrs()...))
			if err != nil {
				b.Fatal(err)
			}
			defer client.Close()
			at := time.Now().Truncate(24 * time.Hour)
			record := func(i int) *kgo.Record {
				return &kgo.Record{Topic: "s", Key: fmt.Appendf(nil, "key%09d", i%keys), Value: []byte(`{"x":1}`), Timestamp: at.Add(time.Duration(i) * time.Microsecond)}
			}
			for i := range keys {
				client.Produce(b.Context(), record(i), nil)
			}
			if err := client.Flush(b.Context()); err != nil {
				b.Fatal(err)
			}
			cfg := config.Default()
			cfg.Name, cfg.SQL, cfg.Kafka.Group, cfg.Kafka.Brokers, cfg.State.Dir = "job", c.sql, "group", broker.Addrs(), b.TempDir()
			cfg.State.Interval, cfg.V2.Memory = time.Hour, 4<<30
			run := func(ctx context.Context, untilEnd bool) {
				l, err := config.Of("the benchmark", cfg)
				if err != nil {
					b.Error(err)
					return
				}
				j, err := job.Load(l, job.Options{UntilEnd: untilEnd, Log: logOf(b)})
				if err == nil {
					_, err = j.Run(ctx)
				}
				if err != nil {
					b.Error(err)
				}
			}
			run(b.Context(), true)
			for i := range b.N {
				if err := client.ProduceSync(b.Context(), record(keys+i)).FirstErr(); err != nil {
					b.Fatal(err)
				}
				reader, err := kgo.NewClient(kgo.SeedBrokers(broker.Addrs()...), kgo.ConsumeTopics("o"), kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(100*time.Millisecond))
				if err != nil {
					b.Fatal(err)
				}
				reader.PollFetches(timeout(b, time.Second)) // it knows where the end is now
				ctx, stop := context.WithCancel(b.Context())
				ended := make(chan struct{})
				began := time.Now()
				go func() {
					defer close(ended)
					run(ctx, false)
				}()
				for reader.PollFetches(b.Context()).NumRecords() == 0 {
				}
				b.ReportMetric(time.Since(began).Seconds(), "s/restart")
				stop()
				<-ended
				reader.Close()
			}
		})
	}
}

func timeout(b *testing.B, after time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(b.Context(), after)
	b.Cleanup(cancel)
	return ctx
}

// logOf shows the log of a job with -v.
func logOf(b *testing.B) *slog.Logger {
	return slog.New(slog.NewTextHandler(b.Output(), nil))
}
