package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"parallax/processors/plan"
	"parallax/shadow/codec"
)

// prepareSink creates a query's output topic where it is missing, and refuses
// one that the job cannot write to rightly.
func (t *Task) prepareSink(ctx context.Context, q *plan.Query, counts map[string]int32) (sink, error) {
	s := sink{topic: q.Sink.Topic, encoder: codec.NewEncoder(q.Sink)}
	wanted := int32(q.Sink.Partitions)
	if wanted == 0 {
		wanted = counts[q.Logical.From[0].Rows.Topic]
	}
	n, existed, err := t.ensureTopic(ctx, s.topic, wanted, int16(q.Sink.Replicas), q.Sink.Table && len(q.Sink.Key) > 0)
	if err != nil {
		return s, fmt.Errorf("output topic: %w", err)
	}
	if n != wanted {
		return s, fmt.Errorf("output topic %s has %d partitions, the job wants %d: keys would go elsewhere than they went; delete the topic, write to another one, or say WITH (partitions=%d)", s.topic, n, wanted, n)
	}
	s.partitions, counts[s.topic] = n, n // for queries that read what this one writes
	if existed && t.opt.FromStart && !t.opt.Append {
		if err := t.wantEmpty(ctx, s.topic); err != nil {
			return s, err
		}
	}
	s.retention, err = t.retention(ctx, s.topic)
	return s, err
}

// ensureTopic returns the partition count of a topic, which it creates if it is
// missing.
func (t *Task) ensureTopic(ctx context.Context, topic string, partitions int32, replicas int16, table bool) (n int32, existed bool, err error) {
	details, err := t.admin.ListTopics(ctx, topic)
	if err != nil {
		return 0, false, fmt.Errorf("%s: %w", topic, err)
	}
	if d, ok := details[topic]; ok && d.Err == nil {
		return int32(len(d.Partitions)), true, nil
	}
	if replicas == 0 {
		replicas = -1 // the broker's default
	}
	configs := map[string]*string{}
	if table {
		configs["cleanup.policy"] = kadm.StringPtr("compact")
	}
	_, err = t.admin.CreateTopic(ctx, partitions, replicas, configs, topic)
	switch {
	case errors.Is(err, kerr.TopicAlreadyExists):
		return t.ensureTopic(ctx, topic, partitions, replicas, table)
	case err != nil:
		return 0, false, fmt.Errorf("create %s with %d partitions: %w", topic, partitions, err)
	}
	t.log.Info("created topic", "topic", topic, "partitions", partitions, "compacted", table)
	return partitions, false, nil
}

// wantEmpty refuses to start anew into a topic that has records.
func (t *Task) wantEmpty(ctx context.Context, topic string) error {
	begins, err := t.admin.ListStartOffsets(ctx, topic)
	if err != nil {
		return fmt.Errorf("list the offsets of %s: %w", topic, err)
	}
	ends, err := t.admin.ListEndOffsets(ctx, topic)
	if err != nil {
		return fmt.Errorf("list the offsets of %s: %w", topic, err)
	}
	var wrong error
	ends.Each(func(end kadm.ListedOffset) {
		if begin, ok := begins.Lookup(topic, end.Partition); ok && end.Offset > begin.Offset && wrong == nil {
			wrong = fmt.Errorf("--from-start: output topic %s is not empty, and its rows would come again; delete it, or say --append to add to it", topic)
		}
	})
	return wrong
}

// retention returns how long a topic keeps records, 0 for ever.
func (t *Task) retention(ctx context.Context, topic string) (time.Duration, error) {
	configs, err := t.admin.DescribeTopicConfigs(ctx, topic)
	if err != nil {
		return 0, fmt.Errorf("describe topic %s: %w", topic, err)
	}
	policy, keep := "delete", int64(-1)
	for _, c := range configs {
		for _, entry := range c.Configs {
			switch entry.Key {
			case "cleanup.policy":
				policy = entry.MaybeValue()
			case "retention.ms":
				keep, _ = strconv.ParseInt(entry.MaybeValue(), 10, 64)
			}
		}
	}
	if policy == "compact" || keep < 0 {
		return 0, nil
	}
	return time.Duration(keep) * time.Millisecond, nil
}
