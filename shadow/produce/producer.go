package produce

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Producer produces streams to a cluster.
type Producer struct{ client *kgo.Client }

// NewProducer makes a producer for the cluster that has these brokers.
func NewProducer(brokers []string) (*Producer, error) {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(brokers...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(1<<16), kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	if err != nil {
		return nil, err
	}
	return &Producer{client}, nil
}

// Close closes the producer's connections.
func (p *Producer) Close() { p.client.Close() }

// CreateTopic creates a topic that keeps old event times, if it is missing.
func (p *Producer) CreateTopic(ctx context.Context, topic string, partitions int32) error {
	admin := kadm.NewClient(p.client)
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
		return fmt.Errorf("topic %s exists with %d partitions, not %d: use --partitions %d, or another topic", topic, n, partitions, n)
	}
	return nil
}

// Produce produces a stream of records and waits until all are acknowledged. It calls done
// with the number of records produced so far.
func (p *Producer) Produce(ctx context.Context, s Source, done func(int64)) (n int64, err error) {
	var failed atomic.Pointer[error]
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			failed.CompareAndSwap(nil, &err)
		}
	}
	for rec, ok := s.Next(); ok && ctx.Err() == nil && failed.Load() == nil; rec, ok = s.Next() {
		p.client.Produce(ctx, &kgo.Record{
			Topic: rec.Topic, Partition: rec.Partition, Value: rec.Value, Timestamp: time.UnixMilli(rec.Timestamp),
		}, promise)
		n++
		done(n)
	}
	if err := p.client.Flush(ctx); err != nil {
		return n, err
	}
	if err := failed.Load(); err != nil {
		return n, *err
	}
	return n, ctx.Err()
}
