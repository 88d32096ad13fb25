package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
)

// cluster is the brokers as the job reaches them: the options of every client, and a client
// that asks about topics and creates them. It knows nothing of groups and tasks.
type cluster struct {
	brokers []string
	base    []kgo.Opt // options of every client
	client  *kgo.Client
	admin   *kadm.Client // of the client
	log     *slog.Logger
	// patience is how long brokers that do not answer are waited for.
	patience time.Duration
	reach    *reachability
}

func newCluster(cfg Config, opt Options) (*cluster, error) {
	base, err := cfg.ClientOptions()
	if err != nil {
		return nil, err
	}
	reach := newReachability(opt.Log)
	base = append(append(base, kgo.WithHooks(reach)), opt.Client...)
	client, err := kgo.NewClient(base...)
	if err != nil {
		return nil, fmt.Errorf("kafka client: %w", err)
	}
	return &cluster{brokers: cfg.Brokers, base: base, client: client, admin: kadm.NewClient(client), log: opt.Log, patience: cfg.Patience, reach: reach}, nil
}

// ErrNotReached is that no broker answered when the job began.
var ErrNotReached = errors.New("no broker answered")

// notReached is the error of a request that no broker answered.
func (c *cluster) notReached(err error) error {
	return &notReachedError{"reach Kafka at " + strings.Join(c.brokers, ", "), err}
}

// notReachedError is an ErrNotReached with its cause.
type notReachedError struct {
	what  string
	cause error
}

func (e *notReachedError) Error() string        { return e.what + ": " + e.cause.Error() }
func (e *notReachedError) Unwrap() error        { return e.cause }
func (e *notReachedError) Is(target error) bool { return target == ErrNotReached }

// source is a topic that the job reads.
type source struct {
	partitions int32
	id         kadm.TopicID // which newer brokers want in commits
}

// sources returns the topics that the job reads.
func (c *cluster) sources(ctx context.Context, topics []string) (map[string]source, error) {
	details, err := c.admin.ListTopics(ctx, topics...)
	if isUnauthorized(err) {
		return nil, fmt.Errorf("source topics: %w", lackingOfTopics(ctx, err, "Read", topics, func(ctx context.Context, topic string) error {
			_, err := c.admin.ListTopics(ctx, topic)
			return err
		}))
	}
	if err != nil {
		return nil, c.notReached(err)
	}
	list := map[string]source{}
	for _, topic := range topics {
		d, ok := details[topic]
		switch {
		case !ok || errors.Is(d.Err, kerr.UnknownTopicOrPartition):
			return nil, fmt.Errorf("source topic %s does not exist on %s", topic, strings.Join(c.brokers, ", "))
		case d.Err != nil:
			return nil, fmt.Errorf("source topic %s: %w", topic, lacking(d.Err, "Read on topic "+topic))
		}
		list[topic] = source{int32(len(d.Partitions)), d.ID}
	}
	return list, nil
}

// complete returns the first error of an answer's parts, where the request itself has none.
func complete[T interface{ Error() error }](answer T, err error) (T, error) {
	if err == nil {
		err = answer.Error()
	}
	return answer, err
}

// lastStable returns the last stable offset of each topic-partition.
func (c *cluster) lastStable(ctx context.Context, topics []string) (map[row.TopicPartition]int64, error) {
	listed, err := complete(c.admin.ListCommittedOffsets(ctx, topics...))
	if err != nil {
		return nil, fmt.Errorf("list the last stable offsets: %w", err)
	}
	ends := map[row.TopicPartition]int64{}
	listed.Each(func(o kadm.ListedOffset) {
		ends[row.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = o.Offset
	})
	return ends, nil
}

// beginnings returns the offsets at which a job without committed ones starts.
func (c *cluster) beginnings(ctx context.Context, start startAt, topics []string) (kadm.ListedOffsets, error) {
	list := c.admin.ListStartOffsets
	switch {
	case start.latest:
		list = c.admin.ListCommittedOffsets
	case start.millis > 0:
		list = func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error) {
			return c.admin.ListOffsetsAfterMilli(ctx, start.millis, topics...)
		}
	}
	begins, err := complete(list(ctx, topics...))
	if err != nil {
		return nil, fmt.Errorf("list the offsets to start at: %w", err)
	}
	return begins, nil
}
