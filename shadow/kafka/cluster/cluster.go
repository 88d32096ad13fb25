package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
)

// Cluster is the brokers of a job. It is safe for concurrent use.
type Cluster struct {
	brokers []string
	options []kgo.Opt // of every client
	client  *kgo.Client
	admin   *kadm.Client // of the client
	log     *slog.Logger
	reach   *reachability
}

// New returns the cluster at some addresses. Its clients have the options and log to log. It does
// not connect: the first request does.
func New(brokers []string, options []kgo.Opt, log *slog.Logger) (*Cluster, error) {
	reach := newReachability(log)
	options = append(slices.Clone(options), kgo.WithHooks(reach))
	client, err := kgo.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("kafka client: %w", err)
	}
	return &Cluster{brokers: brokers, options: options, client: client, admin: kadm.NewClient(client), log: log, reach: reach}, nil
}

// Close ends the connections.
func (c *Cluster) Close() { c.client.Close() }

// Options returns the options that every client of the cluster has.
func (c *Cluster) Options() []kgo.Opt { return c.options }

// Admin returns the client that requests are sent with.
func (c *Cluster) Admin() *kadm.Client { return c.admin }

// Ping returns an error if no broker answers.
func (c *Cluster) Ping(ctx context.Context) error { return c.client.Ping(ctx) }

// CheckReach returns an error while no broker can be reached.
func (c *Cluster) CheckReach() error { return c.reach.check() }

// ErrNotReached says that no broker answered when the job began.
var ErrNotReached = errors.New("no broker answered")

// NotReached returns an ErrNotReached with its cause.
func (c *Cluster) NotReached(err error) error {
	return &notReachedError{"reach Kafka at " + strings.Join(c.brokers, ", "), err}
}

// notReachedError is an ErrNotReached with its cause.
type notReachedError struct {
	what  string
	cause error
}

func (e *notReachedError) Error() string {
	if errors.Is(e.cause, io.EOF) || errors.Is(e.cause, kerr.IllegalSaslState) {
		// The library's text is EOF, or a guess.
		return e.what + ": the broker closed the connection before it answered: check that kafka.tls and kafka.sasl are what the listener at this address expects (" + e.cause.Error() + ")"
	}
	return e.what + ": " + e.cause.Error()
}

func (e *notReachedError) Unwrap() error        { return e.cause }
func (e *notReachedError) Is(target error) bool { return target == ErrNotReached }

// Source is a topic that a job reads.
type Source struct {
	Partitions int32
	ID         kadm.TopicID // newer brokers require it in commits
}

// Sources returns the topics that the job reads.
func (c *Cluster) Sources(ctx context.Context, topics []string) (map[string]Source, error) {
	details, err := c.admin.ListTopics(ctx, topics...)
	if IsUnauthorized(err) {
		return nil, fmt.Errorf("source topics: %w", LackingOfTopics(ctx, err, "Read", topics, func(ctx context.Context, topic string) error {
			_, err := c.admin.ListTopics(ctx, topic)
			return err
		}))
	}
	if err != nil {
		return nil, c.NotReached(err)
	}
	list := map[string]Source{}
	for _, topic := range topics {
		d, ok := details[topic]
		switch {
		case !ok || errors.Is(d.Err, kerr.UnknownTopicOrPartition):
			return nil, fmt.Errorf("source topic %s does not exist on %s", topic, strings.Join(c.brokers, ", "))
		case d.Err != nil:
			return nil, fmt.Errorf("source topic %s: %w", topic, Lacking(d.Err, "Read on topic "+topic))
		}
		list[topic] = Source{int32(len(d.Partitions)), d.ID}
	}
	return list, nil
}

// Complete returns the first error of an answer's parts, if the request itself has none.
func Complete[T interface{ Error() error }](answer T, err error) (T, error) {
	if err == nil {
		err = answer.Error()
	}
	return answer, err
}

// LastStable returns the last stable offset of each topic-partition.
func (c *Cluster) LastStable(ctx context.Context, topics []string) (map[row.TopicPartition]int64, error) {
	listed, err := Complete(c.admin.ListCommittedOffsets(ctx, topics...))
	if err != nil {
		return nil, fmt.Errorf("list the last stable offsets: %w", err)
	}
	ends := map[row.TopicPartition]int64{}
	listed.Each(func(o kadm.ListedOffset) {
		ends[row.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = o.Offset
	})
	return ends, nil
}

// Ends lists the end offset of each topic-partition; records before it may belong to an open
// transaction.
func (c *Cluster) Ends(ctx context.Context, topics []string) (kadm.ListedOffsets, error) {
	listed, err := Complete(c.admin.ListEndOffsets(ctx, topics...))
	if err != nil {
		return nil, fmt.Errorf("list the end offsets: %w", err)
	}
	return listed, nil
}

// Start is where reading starts: the zero value is at the first record.
type Start struct {
	IsLatest bool  // after the last stable record
	Millis   int64 // at the first record with this timestamp or a later one; 0 for none
}

// Beginnings lists the offsets at which reading starts.
func (c *Cluster) Beginnings(ctx context.Context, start Start, topics []string) (kadm.ListedOffsets, error) {
	list := c.admin.ListStartOffsets
	switch {
	case start.IsLatest:
		list = c.admin.ListCommittedOffsets
	case start.Millis > 0:
		list = func(ctx context.Context, topics ...string) (kadm.ListedOffsets, error) {
			return c.admin.ListOffsetsAfterMilli(ctx, start.Millis, topics...)
		}
	}
	begins, err := Complete(list(ctx, topics...))
	if err != nil {
		return nil, fmt.Errorf("list the offsets to start at: %w", err)
	}
	return begins, nil
}

// Span returns the first and the next offset of a topic of one partition.
func (c *Cluster) Span(ctx context.Context, topic string) (first, end int64, err error) {
	begins, err := Complete(c.admin.ListStartOffsets(ctx, topic))
	ends := kadm.ListedOffsets{}
	if err == nil {
		ends, err = Complete(c.admin.ListEndOffsets(ctx, topic))
	}
	if err != nil {
		return 0, 0, fmt.Errorf("list the offsets of %s: %w", topic, Lacking(err, "Read on topic "+topic))
	}
	b, isThere := begins.Lookup(topic, 0)
	e, hasEnd := ends.Lookup(topic, 0)
	if !isThere || !hasEnd {
		return 0, 0, fmt.Errorf("list the offsets of %s: %w", topic, kerr.UnknownTopicOrPartition)
	}
	return b.Offset, e.Offset, nil
}
