package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/kafka/cluster"
)

// member is this instance in the job's consumer group. It owns the consumer's client, what the
// group assigned to it, and the group's offsets. It fetches for its task once the
// topic-partitions are assigned, and drops the task when the group revokes them. There is one
// task, of all topic-partitions. The producer of transactions belongs to the task, not to the
// member: an instance that takes over a task must be able to fence the one before.
type member struct {
	*cluster.Cluster
	group   string
	topics  []string
	sources map[string]cluster.Source
	// patience is how long it waits for brokers that do not answer (kafka.patience).
	patience time.Duration
	log      *slog.Logger

	consumer *kgo.Client
	assigned chan struct{}
	once     sync.Once
	// forbidden gets the error of a group that this user may not join. The client would retry without end.
	forbidden chan error
	closing   atomic.Bool
	task      *Task // set before join
	// begins are the offsets at which the task begins, once located is closed.
	begins  map[string]map[int32]kgo.Offset
	located chan struct{}

	stopPoll context.CancelFunc
	polled   chan struct{}
}

func newMember(ctx context.Context, c *cluster.Cluster, cfg Config, topics []string, log *slog.Logger) (*member, error) {
	m := &member{Cluster: c, group: cfg.Group, topics: topics, patience: cfg.Patience, log: log, assigned: make(chan struct{}), forbidden: make(chan error, 1), located: make(chan struct{}), polled: make(chan struct{})}
	var err error
	m.sources, err = c.Sources(ctx, topics)
	return m, err
}

// topicPartitions returns the topic-partitions of the source topics, in order.
func (m *member) topicPartitions() (list []row.TopicPartition) {
	for _, topic := range slices.Sorted(maps.Keys(m.sources)) {
		for partition := range m.sources[topic].Partitions {
			list = append(list, row.TopicPartition{Topic: topic, Partition: partition})
		}
	}
	return list
}

// join becomes a member of the group and waits for the assignment. Nothing is fetched until run.
func (m *member) join(ctx context.Context) error {
	opts := append([]kgo.Opt{
		kgo.ConsumerGroup(m.group),
		kgo.ConsumeTopics(m.topics...),
		kgo.SessionTimeout(sessionTimeout),
		kgo.Balancers(single{}),
		kgo.DisableAutoCommit(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
		// Offsets that are gone are an error: to go on elsewhere would skip or repeat records.
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.AdjustFetchOffsetsFn(m.begin),
		kgo.MaxConcurrentFetches(3),
		kgo.FetchMaxWait(fetchMaxWait),
		kgo.FetchMaxBytes(16 << 20),
		kgo.FetchMaxPartitionBytes(4 << 20),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			m.onAssigned(got)
		}),
		kgo.OnPartitionsRevoked(m.onLost),
		kgo.OnPartitionsLost(m.onLost),
		kgo.WithHooks(groupErrors{m}),
	}, m.Options()...)
	var err error
	if m.consumer, err = kgo.NewClient(opts...); err != nil {
		return fmt.Errorf("kafka client: %w", err)
	}
	return m.awaitAssignment(ctx)
}

func (m *member) onAssigned(got map[string][]int32) {
	if len(got) > 0 {
		m.once.Do(func() { close(m.assigned) })
	}
	for topic, partitions := range got {
		if most := slices.Max(append(partitions, -1)); most >= m.sources[topic].Partitions && !m.closing.Load() && !m.task.opt.UntilEnd {
			m.log.Warn("a source topic has more partitions now; the job begins again from its last checkpoint, to read them",
				"topic", topic, "partitions", most+1, "before", m.sources[topic].Partitions)
			m.task.drop()
		}
	}
}

func (m *member) onLost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	if len(gone) > 0 && !m.closing.Load() {
		m.task.drop()
	}
}

// run fetches for the task from the offsets of begin on, until close.
func (m *member) run(begin map[row.TopicPartition]mark) {
	ctx, cancel := context.WithCancel(context.Background())
	m.stopPoll = cancel
	m.begins = map[string]map[int32]kgo.Offset{}
	next := map[row.TopicPartition]int64{}
	for tp, at := range begin {
		next[tp] = at.offset
		if m.begins[tp.Topic] == nil {
			m.begins[tp.Topic] = map[int32]kgo.Offset{}
		}
		m.begins[tp.Topic][tp.Partition] = kgo.NewOffset().At(at.offset).WithEpoch(at.epoch)
	}
	close(m.located)
	go m.poll(ctx, m.task, next)
}

// begin gives the client the offsets at which the task begins, in place of those that the group has
// committed, and waits until they are known. Setting them after the assignment would be too early
// or too late: the client may be fetching the group's at that time, and they would replace ours.
func (m *member) begin(ctx context.Context, assigned map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	select {
	case <-m.located:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for topic, partitions := range assigned {
		for partition := range partitions {
			if at, ok := m.begins[topic][partition]; ok {
				partitions[partition] = at
			}
		}
	}
	return assigned, nil
}

// poll fetches ahead of the task, which decodes what comes. next are the fetch positions.
func (m *member) poll(ctx context.Context, t *Task, next map[row.TopicPartition]int64) {
	defer close(m.polled)
	largest := map[row.TopicPartition]int64{}
	give, stop := t.decodeAhead(ctx)
	defer stop()
	for {
		fetches := m.consumer.PollFetches(ctx)
		if ctx.Err() != nil || fetches.IsClientClosed() {
			return
		}
		ok := true
		fetches.EachPartition(func(p kgo.FetchTopicPartition) {
			list := pieces(p, next)
			if t.compares(p.Topic) {
				largestBefore(list, largest)
			}
			for _, part := range list {
				ok = ok && give(part)
			}
		})
		if !ok {
			return
		}
	}
}

// pause stops fetching from a topic-partition until resume. Both may be called by any
// goroutine.
func (m *member) pause(tp row.TopicPartition) {
	m.consumer.PauseFetchPartitions(map[string][]int32{tp.Topic: {tp.Partition}})
}

func (m *member) resume(tp row.TopicPartition) {
	m.consumer.ResumeFetchPartitions(map[string][]int32{tp.Topic: {tp.Partition}})
}

// leaving stops fetching. From then on the member ignores that the group revokes topic-partitions.
func (m *member) leaving() {
	m.closing.Store(true)
	if m.stopPoll != nil {
		m.stopPoll()
		<-m.polled
	}
}

// close leaves the group.
func (m *member) close() {
	m.leaving()
	if m.consumer != nil {
		within(leaveTimeout, m.consumer.Close)
	}
	m.Cluster.Close()
}
