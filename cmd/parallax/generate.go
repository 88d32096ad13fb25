package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/workload"
)

type generateCommand struct {
	Scenario   string   `help:"Scenario: desks, 0, 1, 2, 2c, 3a, 3b, session, hopping, distinct or small; join: topics orders and payments; nexmark: topics person, auction and bid." default:"3b"`
	Records    int      `help:"How many records." default:"1000000"`
	Seed       uint64   `help:"Seed: the same one gives the same data." default:"1"`
	Messy      float64  `help:"Percentage of records in another form that says the same: fields shuffled, escapes, nested extras." default:"0"`
	Bad        float64  `help:"Percentage of records that are cut short." default:"0"`
	Output     string   `help:"File to write records to, a JSON line each; - is standard output." short:"o" placeholder:"FILE"`
	Brokers    []string `help:"Kafka brokers (host:port) to produce to."`
	Topic      string   `help:"Topic to produce to; created if it is missing. Of a scenario with several topics those to keep, with commas."`
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
	opt := workload.Options{Records: c.Records, Seed: c.Seed, Messy: c.Messy, Bad: c.Bad, Partitions: c.Partitions}
	if err := opt.Validate(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	records, topics, err := c.records(opt)
	if err != nil {
		return err
	}
	switch {
	case c.Output != "" && len(c.Brokers) > 0:
		return errors.New("-o FILE and --brokers exclude each other")
	case c.Output != "":
		return c.toFile(e, records)
	case len(c.Brokers) > 0:
		if err := checkBrokers(c.Brokers); err != nil {
			return err
		}
		return c.toTopics(e, records, topics)
	}
	return errors.New("say where to: -o FILE, or --brokers HOST:PORT --topic NAME")
}

// source streams records; false is the end.
type source interface{ Next() (row.Record, bool) }

// nexmark is the scenario that has topics of its own.
const nexmark = "nexmark"

// records starts the scenario's stream, and names the topics of its records.
func (c *generateCommand) records(opt workload.Options) (source, []string, error) {
	if c.Scenario == nexmark {
		if c.Messy > 0 || c.Bad > 0 {
			return nil, nil, errors.New("--messy and --bad are not for the scenario nexmark")
		}
		return c.chosen(workload.NewNexmark(opt), []string{"person", "auction", "bid"})
	}
	s, err := workload.Lookup(c.Scenario)
	if err != nil {
		return nil, nil, fmt.Errorf("%w, %s", err, nexmark)
	}
	g := s.Generate(opt)
	if len(s.Topics) > 1 {
		return c.chosen(g, s.Topics)
	}
	if c.Topic == "" {
		return g, s.Topics, nil
	}
	return renamed{g, c.Topic}, []string{c.Topic}, nil
}

// chosen is the part that was asked for of a stream into several topics.
func (c *generateCommand) chosen(g source, topics []string) (source, []string, error) {
	if c.Topic == "" {
		return g, topics, nil
	}
	chosen := strings.Split(c.Topic, ",")
	for _, t := range chosen {
		if !slices.Contains(topics, t) {
			return nil, nil, fmt.Errorf("--topic %s: the scenario %s has topics %s", t, c.Scenario, strings.Join(topics, ", "))
		}
	}
	return chosenTopics{g, chosen}, chosen, nil
}

// renamed is a stream into another topic.
type renamed struct {
	source
	topic string
}

func (r renamed) Next() (row.Record, bool) {
	rec, ok := r.source.Next()
	rec.Topic = r.topic
	return rec, ok
}

// chosenTopics is the part of a stream that goes to some topics.
type chosenTopics struct {
	source
	topics []string
}

func (c chosenTopics) Next() (row.Record, bool) {
	for {
		rec, ok := c.source.Next()
		if !ok || slices.Contains(c.topics, rec.Topic) {
			return rec, ok
		}
	}
}

func (c *generateCommand) toFile(e *env, g source) (err error) {
	out := e.out
	if c.Output != "-" {
		f, err := createOutput("-o", c.Output)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	return writeRecords(out, g)
}

func writeRecords(out io.Writer, g source) error {
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

func (c *generateCommand) toTopics(e *env, g source, topics []string) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(c.Brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(1<<16), kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, topic := range topics {
		if err := createSource(e.ctx, client, topic, int32(c.Partitions)); err != nil {
			return err
		}
	}
	p := newProgress(e.errs, "produced", int64(c.Records))
	defer p.done()
	n, err := produceAll(e.ctx, client, g, p.at)
	if err != nil {
		return fmt.Errorf("produce to %s: %w", strings.Join(topics, ", "), err)
	}
	e.log.Info("produced", "records", n, "topics", strings.Join(topics, ","))
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
func produceAll(ctx context.Context, client *kgo.Client, g source, done func(int64)) (n int64, err error) {
	var failed atomic.Pointer[error]
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			failed.CompareAndSwap(nil, &err)
		}
	}
	for rec, ok := g.Next(); ok && ctx.Err() == nil && failed.Load() == nil; rec, ok = g.Next() {
		client.Produce(ctx, &kgo.Record{
			Topic: rec.Topic, Partition: rec.Partition, Value: rec.Value, Timestamp: time.UnixMilli(rec.Timestamp),
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
