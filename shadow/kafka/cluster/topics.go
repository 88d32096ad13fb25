package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"parallax/shadow/kafka/limits"
)

// EnsureTopic returns the number of partitions of a topic, which it creates if it is
// missing.
func (c *Cluster) EnsureTopic(ctx context.Context, topic string, partitions int32, replicas int16, configs map[string]*string) (n int32, existed bool, err error) {
	details, err := c.admin.ListTopics(ctx, topic)
	if err != nil {
		return 0, false, fmt.Errorf("%s: %w", topic, Lacking(err, "Write on topic "+topic))
	}
	if d, ok := details[topic]; ok && d.Err == nil {
		return int32(len(d.Partitions)), true, nil
	}
	if replicas == 0 {
		replicas = -1 // the broker's default
	}
	err = c.createTopic(ctx, partitions, replicas, configs, topic)
	switch {
	case errors.Is(err, kerr.TopicAlreadyExists):
		return c.EnsureTopic(ctx, topic, partitions, replicas, configs)
	case err != nil:
		return 0, false, fmt.Errorf("create %s with %d partitions: %w", topic, partitions, Lacking(err, "Create on topic "+topic))
	}
	c.log.Info("created topic", "topic", topic, "partitions", partitions, "compacted", configs["cleanup.policy"] != nil && *configs["cleanup.policy"] == "compact")
	return partitions, false, nil
}

// Settings are the settings of a topic that matter to a job.
type Settings struct {
	Retention time.Duration // by the records' timestamps; 0: unlimited
	// Keeps is how long it keeps records, by their timestamps or by the times of their arrival; 0: unlimited.
	Keeps time.Duration
	Size  limits.Size
	Times limits.Times
	// Compacts says that records are removed if a later one has the same key, except for those
	// that are younger than CompactionLag (min.compaction.lag.ms).
	Compacts      bool
	CompactionLag time.Duration
}

// Describe returns the settings of those topics that exist, by name.
func (c *Cluster) Describe(ctx context.Context, topics ...string) (map[string]Settings, error) {
	described, err := c.admin.DescribeTopicConfigs(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("describe topic %s: %w", strings.Join(topics, ", "), LackingOfTopics(ctx, err, "DescribeConfigs", topics, func(ctx context.Context, topic string) error {
			_, err := c.admin.DescribeTopicConfigs(ctx, topic)
			return err
		}))
	}
	out := map[string]Settings{}
	for _, one := range described {
		if one.Err != nil {
			continue
		}
		s := Settings{Size: limits.UnknownSize}
		s.Size.KeepsCompression = true
		s.Times = limits.TimesOf(one.Configs)
		policy, keep, segment := "delete", int64(-1), int64(limits.MostBatch)
		for _, entry := range one.Configs {
			text := entry.MaybeValue()
			n, err := strconv.ParseInt(text, 10, 64)
			switch entry.Key {
			case "cleanup.policy":
				policy = text
			case "retention.ms":
				if keep = -1; err == nil {
					keep = n
				}
			case "max.message.bytes":
				if err == nil && n > 0 {
					s.Size.Bytes = int(min(n, limits.MostBatch))
				}
			case "segment.bytes":
				if err == nil && n > 0 {
					segment = n
				}
			case "min.compaction.lag.ms":
				if err == nil && n > 0 {
					s.CompactionLag = time.Duration(min(n, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
				}
			case "compression.type":
				s.Size.KeepsCompression = text == "producer"
			}
		}
		if policy != "compact" && keep >= 0 {
			s.Keeps = time.Duration(min(keep, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
			if !s.Times.IsReplaced {
				s.Retention = s.Keeps
			}
		}
		s.Compacts = strings.Contains(policy, "compact")
		s.Size.Bytes = min(s.Size.Bytes, int(min(segment, limits.MostBatch)))
		out[one.Name] = s
	}
	return out, nil
}

// createTopic creates a topic that accepts any timestamp after the broker's time. Brokers
// before Kafka 3.6 do not know that setting, and some do not let a client set it: then the
// topic is created without it, and the broker's default holds.
func (c *Cluster) createTopic(ctx context.Context, partitions int32, replicas int16, configs map[string]*string, topic string) error {
	with := map[string]*string{limits.TimestampAfter: kadm.StringPtr(strconv.FormatInt(limits.Unlimited, 10))}
	for k, v := range configs {
		with[k] = v
	}
	_, err := c.admin.CreateTopic(ctx, partitions, replicas, with, topic)
	if RefusesSettings(err) {
		_, err = c.admin.CreateTopic(ctx, partitions, replicas, configs, topic)
	}
	return err
}

// RefusesSettings reports whether a broker did not create a topic because of its
// settings: it does not know one, or does not let this client set it.
func RefusesSettings(err error) bool {
	return errors.Is(err, kerr.InvalidConfig) || errors.Is(err, kerr.PolicyViolation) || errors.Is(err, kerr.InvalidRequest)
}
