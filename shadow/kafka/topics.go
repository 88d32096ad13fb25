package kafka

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

	"parallax/processors/plan"
	"parallax/shadow/codec"
	"parallax/shadow/kafka/limits"
)

// prepareSink creates a query's output topic where it is missing, and refuses
// one that the job cannot write to rightly.
func (o *output) prepareSink(ctx context.Context, q *plan.Query, counts map[string]int32) (sink, error) {
	encoder, err := codec.NewEncoder(ctx, q.Sink)
	if err != nil {
		return sink{}, err
	}
	s := sink{topic: q.Sink.Topic, encoder: encoder}
	wanted := int32(q.Sink.Partitions)
	if wanted == 0 {
		wanted = counts[q.Logical.From[0].Rows.Topic]
	}
	var configs map[string]*string
	if q.Sink.Table && len(q.Sink.Key) > 0 {
		configs = map[string]*string{"cleanup.policy": kadm.StringPtr("compact")}
	}
	n, existed, err := o.t.member.ensureTopic(ctx, s.topic, wanted, int16(q.Sink.Replicas), configs)
	if err != nil {
		return s, fmt.Errorf("output topic: %w", err)
	}
	isKept := n == wanted
	if !isKept && q.Sink.Partitions == 0 {
		if isKept, err = o.t.continues(ctx); err != nil {
			return s, err
		}
		if isKept { // its source got more partitions since
			o.t.log.Warn("an output topic has another number of partitions than its source: the job wrote to it before, and its keys stay in their partitions",
				"topic", s.topic, "partitions", n, "source", q.Logical.From[0].Rows.Topic, "its partitions", wanted)
		}
	}
	if !isKept {
		return s, fmt.Errorf("output topic %s has %d partitions, the job wants %d: keys would move to other partitions; delete the topic, write to another one, or set WITH (partitions=%d)", s.topic, n, wanted, n)
	}
	s.existed = existed
	s.partitions, counts[s.topic] = n, n // for queries that read what this one writes
	if existed && o.t.opt.FromStart && !o.t.opt.Append {
		if hasRows, err := o.t.member.hasRows(ctx, s.topic); err != nil {
			return s, err
		} else if hasRows {
			return s, fmt.Errorf("--from-start: output topic %s is not empty, and its rows would be written a second time; delete it, or use --append to add to it", s.topic)
		}
	}
	settings, err := o.t.member.describe(ctx, s.topic)
	s.retention = settings[s.topic].retention
	return s, err
}

// continues reports whether the job has run before and continues that.
func (t *Task) continues(ctx context.Context) (bool, error) {
	if t.opt.FromStart || t.opt.Generation > 0 {
		return !t.opt.FromStart, nil
	}
	last, err := t.member.lastGeneration(ctx)
	return last > 0, err
}

// ensureTopic returns the partition count of a topic, which it creates if it is
// missing.
func (c *cluster) ensureTopic(ctx context.Context, topic string, partitions int32, replicas int16, configs map[string]*string) (n int32, existed bool, err error) {
	details, err := c.admin.ListTopics(ctx, topic)
	if err != nil {
		return 0, false, fmt.Errorf("%s: %w", topic, lacking(err, "Write on topic "+topic))
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
		return c.ensureTopic(ctx, topic, partitions, replicas, configs)
	case err != nil:
		return 0, false, fmt.Errorf("create %s with %d partitions: %w", topic, partitions, lacking(err, "Create on topic "+topic))
	}
	c.log.Info("created topic", "topic", topic, "partitions", partitions, "compacted", configs["cleanup.policy"] != nil && *configs["cleanup.policy"] == "compact")
	return partitions, false, nil
}

// settings are what the job must know of a topic.
type settings struct {
	retention time.Duration // by the records' timestamps; 0: unlimited
	// keeps is how long it keeps records, by these or by the times of their arrival; 0: unlimited.
	keeps time.Duration
	limit limits.Size
	times limits.Times
	// compacts says that records are removed for which there are later ones with their keys, but
	// for those that are younger than compactionLag (min.compaction.lag.ms).
	compacts      bool
	compactionLag time.Duration
}

// describe returns the settings of topics that exist, by name.
func (c *cluster) describe(ctx context.Context, topics ...string) (map[string]settings, error) {
	described, err := c.admin.DescribeTopicConfigs(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("describe topic %s: %w", strings.Join(topics, ", "), lackingOfTopics(ctx, err, "DescribeConfigs", topics, func(ctx context.Context, topic string) error {
			_, err := c.admin.DescribeTopicConfigs(ctx, topic)
			return err
		}))
	}
	out := map[string]settings{}
	for _, one := range described {
		if one.Err != nil {
			continue
		}
		s := settings{limit: limits.UnknownSize}
		s.limit.KeepsCompression = true
		s.times = limits.TimesOf(one.Configs)
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
					s.limit.Bytes = int(min(n, limits.MostBatch))
				}
			case "segment.bytes":
				if err == nil && n > 0 {
					segment = n
				}
			case "min.compaction.lag.ms":
				if err == nil && n > 0 {
					s.compactionLag = time.Duration(min(n, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
				}
			case "compression.type":
				s.limit.KeepsCompression = text == "producer"
			}
		}
		if policy != "compact" && keep >= 0 {
			s.keeps = time.Duration(min(keep, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
			if !s.times.IsReplaced {
				s.retention = s.keeps
			}
		}
		s.compacts = strings.Contains(policy, "compact")
		s.limit.Bytes = min(s.limit.Bytes, int(min(segment, limits.MostBatch)))
		out[one.Name] = s
	}
	return out, nil
}

// createTopic creates a topic that takes any timestamp after the broker's time. A
// broker before Kafka 3.6 does not know that setting, and some do not let a client set
// it: then the topic is created without, and takes what the broker's default is.
func (c *cluster) createTopic(ctx context.Context, partitions int32, replicas int16, configs map[string]*string, topic string) error {
	with := map[string]*string{limits.TimestampAfter: kadm.StringPtr(strconv.FormatInt(limits.Unlimited, 10))}
	for k, v := range configs {
		with[k] = v
	}
	_, err := c.admin.CreateTopic(ctx, partitions, replicas, with, topic)
	if refusesSettings(err) {
		_, err = c.admin.CreateTopic(ctx, partitions, replicas, configs, topic)
	}
	return err
}

// refusesSettings reports whether a broker did not create a topic because of its
// settings: it does not know one, or does not let this client set it.
func refusesSettings(err error) bool {
	return errors.Is(err, kerr.InvalidConfig) || errors.Is(err, kerr.PolicyViolation) || errors.Is(err, kerr.InvalidRequest)
}
