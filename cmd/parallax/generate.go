package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/codec"
	"parallax/shadow/workload"
)

type generateCommand struct {
	Scenario   string   `help:"Scenario: 0, 1, 2, 2c, 3a, 3b, distinct or small." default:"3b"`
	Records    int      `help:"How many records." default:"1000000"`
	Seed       uint64   `help:"Seed: the same one gives the same data." default:"1"`
	Messy      float64  `help:"Percentage of records in another form that says the same: fields shuffled, escapes, nested extras." default:"0"`
	Bad        float64  `help:"Percentage of records that are cut short." default:"0"`
	Output     string   `help:"File to write records to, a JSON line each; - is standard output." short:"o" placeholder:"FILE"`
	Brokers    []string `help:"Kafka brokers (host:port) to produce to."`
	Topic      string   `help:"Topic to produce to; created if it is missing."`
	Partitions int      `help:"Topic-partitions that records are dealt to in turn." default:"1"`
}

func (generateCommand) Help() string {
	return examples(
		"parallax generate --records 1000 -o records.jsonl",
		"parallax generate --records 1000000 --brokers localhost:9092 --topic market_data --partitions 6",
		"parallax generate --messy 5 --bad 0.1 -o messy.jsonl",
	)
}

func (c *generateCommand) Run(e *env) error {
	s, err := workload.Lookup(c.Scenario)
	if err != nil {
		return err
	}
	opt := workload.Options{Records: c.Records, Seed: c.Seed, Messy: c.Messy, Bad: c.Bad, Partitions: c.Partitions}
	if err := opt.Validate(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	switch {
	case c.Output != "" && len(c.Brokers) > 0:
		return errors.New("-o FILE and --brokers exclude each other")
	case c.Output != "":
		return c.toFile(e, s.Generate(opt))
	case len(c.Brokers) > 0:
		topic := c.Topic
		if topic == "" {
			topic = s.Topic
		}
		return c.toTopic(e, s.Generate(opt), topic)
	}
	return errors.New("say where to: -o FILE, or --brokers HOST:PORT --topic NAME")
}

func (c *generateCommand) toFile(e *env, g *workload.Generator) (err error) {
	out := e.out
	if c.Output != "-" {
		f, err := os.Create(c.Output)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	return writeRecords(out, g)
}

func writeRecords(out io.Writer, g *workload.Generator) error {
	w := bufio.NewWriterSize(out, 1<<20)
	var line []byte
	for rec, ok := g.Next(); ok; rec, ok = g.Next() {
		line = append(codec.AppendRecord(line[:0], &rec, nil), '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return w.Flush()
}

func (c *generateCommand) toTopic(e *env, g *workload.Generator, topic string) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(c.Brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(1<<16), kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := createSource(e.ctx, client, topic, int32(c.Partitions)); err != nil {
		return err
	}
	p := newProgress(e.errs, "produced", int64(c.Records))
	defer p.done()
	n, err := produceAll(e.ctx, client, g, topic, p.at)
	if err != nil {
		return fmt.Errorf("produce to %s: %w", topic, err)
	}
	e.log.Info("produced", "records", n, "topic", topic)
	return nil
}

// createSource creates a topic that keeps old event times, if it is missing.
func createSource(ctx context.Context, client *kgo.Client, topic string, partitions int32) error {
	admin := kadm.NewClient(client)
	_, err := admin.CreateTopic(ctx, partitions, -1, map[string]*string{"retention.ms": kadm.StringPtr("-1")}, topic)
	if err == nil {
		return nil
	}
	if !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("create topic %s: %w", topic, err)
	}
	details, err := admin.ListTopics(ctx, topic)
	if err != nil {
		return err
	}
	if n := int32(len(details[topic].Partitions)); n != partitions {
		return fmt.Errorf("topic %s exists with %d partitions, not %d: say --partitions %d, or another topic", topic, n, partitions, n)
	}
	return nil
}

// produceAll produces a stream of records and waits until all are acknowledged.
func produceAll(ctx context.Context, client *kgo.Client, g *workload.Generator, topic string, done func(int64)) (n int64, err error) {
	var failed atomic.Pointer[error]
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			failed.CompareAndSwap(nil, &err)
		}
	}
	for rec, ok := g.Next(); ok && ctx.Err() == nil && failed.Load() == nil; rec, ok = g.Next() {
		client.Produce(ctx, &kgo.Record{
			Topic: topic, Partition: rec.Partition, Value: rec.Value, Timestamp: time.UnixMilli(rec.Timestamp),
		}, promise)
		n++
		done(n)
	}
	if err := client.Flush(ctx); err != nil {
		return n, err
	}
	if err := failed.Load(); err != nil {
		return n, *err
	}
	return n, ctx.Err()
}
