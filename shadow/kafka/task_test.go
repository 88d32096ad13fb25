package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors"
	"parallax/processors/plan"
	"parallax/shadow/embedded"
	"parallax/shadow/kafka"
)

func TestSmoke(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	b, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Stop()
	if err := b.CreateTopic(ctx, "trades", 3, embedded.Retention{}); err != nil {
		t.Fatal(err)
	}
	cl, _ := kgo.NewClient(kgo.SeedBrokers(b.Addrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	for i := range 1000 {
		if err := cl.ProduceSync(ctx, &kgo.Record{Topic: "trades", Partition: int32(i % 3), Value: fmt.Appendf(nil, `{"symbol":"S%d","price":1.5,"quantity":%d,"ts":%d}`, i%7, i, i*100)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	p, err := plan.Compile(`CREATE STREAM trades (symbol STRING, price DECIMAL(10,2), quantity BIGINT, ts TIMESTAMP) WITH (kafka_topic='trades', value_format='JSON', timestamp='ts');
CREATE TABLE by_symbol WITH (kafka_topic='by-symbol') AS SELECT symbol, COUNT(*) AS n, SUM(price*quantity) AS volume FROM trades WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS) GROUP BY symbol EMIT CHANGES;`, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cfg := kafka.DefaultConfig()
	cfg.Brokers, cfg.Group = b.Addrs(), "g"
	task, err := kafka.Open(ctx, cfg, p, kafka.Options{Job: "j", UntilEnd: true, Flush: true, Stateful: true})
	if err != nil {
		t.Fatal(err)
	}
	v1, _ := processors.NewV1(p, processors.Options{})
	n := 0
	for {
		b, err := task.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		n += b.Len()
		o, err := v1.Process(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		if err := task.Emit(ctx, b, o.Changes, nil); err != nil {
			t.Fatal(err)
		}
		if err := task.Commit(ctx); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d records, %+v", n, task.Stats())
	if err := task.Close(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = kafka.Open(ctx, cfg, p, kafka.Options{Job: "j", UntilEnd: true, Flush: true, Stateful: true})
	t.Log(err)
	_, err = kafka.Open(ctx, cfg, p, kafka.Options{Job: "j", UntilEnd: true, Flush: true, Stateful: true, FromStart: true})
	t.Log(err)
}
