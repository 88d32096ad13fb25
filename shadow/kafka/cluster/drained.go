package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Compaction may remove the last records before an offset up to which a partition is read. A
// consumer then waits for a record that does not come, and does not show how far it has come.
// Drained asks the broker.

// drainAfter is how long a reader waits for a record before it asks the broker.
const drainAfter = time.Second

// drainBytes is the largest size of an answer for one partition.
const drainBytes = 1 << 20

// Drained returns the partitions of a topic that have no committed record or marker between two
// offsets: from the offset in from, where a reader stands, to before that in ends.
func Drained(ctx context.Context, client *kgo.Client, topic string, from, ends map[int32]int64) (drained []int32, err error) {
	details, err := kadm.NewClient(client).ListTopics(ctx, topic)
	if err == nil {
		err = details[topic].Err
	}
	if err != nil {
		return nil, fmt.Errorf("find the leaders of topic %s: %w", topic, err)
	}
	d := details[topic]
	for partition, end := range ends {
		p, ok := d.Partitions[partition]
		if !ok || p.Leader < 0 {
			continue // it has no leader now
		}
		isDrained, err := isDrained(ctx, client.Broker(int(p.Leader)), d, partition, from[partition], end)
		if err != nil {
			return drained, fmt.Errorf("read %s/%d: %w", topic, partition, err)
		}
		if isDrained {
			drained = append(drained, partition)
		}
	}
	return drained, nil
}

// isDrained reports whether a partition has nothing from an offset to before another one.
func isDrained(ctx context.Context, leader *kgo.Broker, topic kadm.TopicDetail, partition int32, from, end int64) (bool, error) {
	for from < end {
		answer, err := fetchFrom(ctx, leader, topic, partition, from)
		if err != nil {
			return false, err
		}
		if answer.LastStableOffset < end {
			return false, nil // a replica that is behind
		}
		found, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
			KeepControlRecords: true, Offset: from, IsolationLevel: kgo.ReadCommitted(), Topic: topic.Topic, Partition: partition,
		}, answer, kgo.DefaultDecompressor(), nil)
		switch {
		case found.Err != nil:
			return false, found.Err
		case len(found.Records) > 0:
			return found.Records[0].Offset >= end, nil
		case len(answer.RecordBatches) == 0:
			return true, nil
		case next <= from:
			return false, nil // not a whole batch
		}
		from = next
	}
	return true, nil
}

// fetchFrom fetches records of a partition from an offset on.
func fetchFrom(ctx context.Context, leader *kgo.Broker, topic kadm.TopicDetail, partition int32, offset int64) (*kmsg.FetchResponseTopicPartition, error) {
	p := kmsg.NewFetchRequestTopicPartition()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes = partition, offset, drainBytes
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID, t.Partitions = topic.Topic, topic.ID, []kmsg.FetchRequestTopicPartition{p}
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes, req.IsolationLevel, req.SessionEpoch = 0, 0, drainBytes, 1, -1
	req.Topics = []kmsg.FetchRequestTopic{t}
	answer, err := leader.RetriableRequest(ctx, req)
	if err != nil {
		return nil, err
	}
	r := answer.(*kmsg.FetchResponse) //nolint:forcetypeassert // it is the answer to the request
	if err := kerr.ErrorForCode(r.ErrorCode); err != nil {
		return nil, err
	}
	for i := range r.Topics {
		for k := range r.Topics[i].Partitions {
			if got := &r.Topics[i].Partitions[k]; got.Partition == partition {
				return got, kerr.ErrorForCode(got.ErrorCode)
			}
		}
	}
	return nil, errors.New("the broker's answer does not have the partition")
}
