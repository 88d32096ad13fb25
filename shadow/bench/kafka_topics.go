package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// produce creates and fills the source topic. It has one partition, so that the input order
// equals the other paths'.
func (k *kafkaCourse) produce(ctx context.Context) error {
	c, err := kgo.NewClient(
		kgo.SeedBrokers(k.brokers.Addrs...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(1<<16), kgo.ProducerBatchCompression(kgo.NoCompression()),
	)
	if err != nil {
		return err
	}
	defer c.Close()
	keep := map[string]*string{"retention.ms": kadm.StringPtr("-1")}
	if _, err := kadm.NewClient(c).CreateTopic(ctx, 1, -1, keep, k.source); err != nil {
		return fmt.Errorf("create topic %s: %w", k.source, err)
	}
	k.created = append(k.created, k.source)
	var failed atomic.Pointer[error]
	for i, v := range k.in.Values {
		c.Produce(ctx, &kgo.Record{Topic: k.source, Value: v, Timestamp: time.UnixMilli(k.in.Times[i])}, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.CompareAndSwap(nil, &err)
			}
		})
	}
	err = c.Flush(ctx)
	if first := failed.Load(); first != nil {
		err = errors.Join(err, *first)
	}
	if err != nil {
		return fmt.Errorf("produce to %s: %w", k.source, err)
	}
	return nil
}

// readBack reads the rows that have committed in a topic.
func (k *kafkaCourse) readBack(ctx context.Context, topic string, rows int64) (output, error) {
	got := output{check: true}
	c, err := kgo.NewClient(
		kgo.SeedBrokers(k.brokers.Addrs...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
	)
	if err != nil {
		return got, err
	}
	defer c.Close()
	ends, err := kadm.NewClient(c).ListEndOffsets(ctx, topic)
	if err != nil {
		return got, fmt.Errorf("list the offsets of %s: %w", topic, err)
	}
	left := int64(0)
	ends.Each(func(o kadm.ListedOffset) { left += o.Offset })
	for next := map[int32]int64{}; left > 0; {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return got, fmt.Errorf("read %s: %w", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			left -= r.Offset + 1 - next[r.Partition]
			next[r.Partition] = r.Offset + 1
			if !r.Attrs.IsControl() {
				got.row(r.Key, r.Value)
			}
		})
	}
	return got, nil
}

// deleteTopics deletes topics of the run, all remaining ones if none is named.
func (k *kafkaCourse) deleteTopics(ctx context.Context, topics ...string) error {
	if len(topics) == 0 {
		topics = slices.Clone(k.created)
	}
	if len(topics) == 0 {
		return nil
	}
	c, err := kgo.NewClient(kgo.SeedBrokers(k.brokers.Addrs...))
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := kadm.NewClient(c).DeleteTopics(ctx, topics...); err != nil {
		return fmt.Errorf("delete the run's topics: %w", err)
	}
	k.created = slices.DeleteFunc(k.created, func(t string) bool { return slices.Contains(topics, t) })
	return nil
}
