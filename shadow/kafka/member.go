package kafka

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
)

// member is this instance in the job's consumer group. It owns the consumer's client, what the
// group assigned to it, and the group's offsets. It fetches for its task once the
// topic-partitions are assigned, and drops the task when they are taken away. There is one
// task, of all topic-partitions. The producer of transactions is the task's, not the
// member's: an instance that takes a task over must be able to fence the one before.
type member struct {
	*cluster
	group   string
	topics  []string
	sources map[string]source

	consumer *kgo.Client
	assigned chan struct{}
	once     sync.Once
	closing  atomic.Bool
	task     *Task // set before join

	stopPoll context.CancelFunc
	polled   chan struct{}
}

func newMember(ctx context.Context, c *cluster, group string, topics []string) (*member, error) {
	m := &member{cluster: c, group: group, topics: topics, assigned: make(chan struct{}), polled: make(chan struct{})}
	var err error
	m.sources, err = c.sources(ctx, topics)
	return m, err
}

// topicPartitions are those of the topics that the job reads, in order.
func (m *member) topicPartitions() (list []row.TopicPartition) {
	for _, topic := range slices.Sorted(maps.Keys(m.sources)) {
		for partition := range m.sources[topic].partitions {
			list = append(list, row.TopicPartition{Topic: topic, Partition: partition})
		}
	}
	return list
}

// join becomes a member of the group and waits for the assignment. The topic-partitions
// are paused until run.
func (m *member) join(ctx context.Context) error {
	opts := append([]kgo.Opt{
		kgo.ConsumerGroup(m.group),
		kgo.ConsumeTopics(m.topics...),
		kgo.Balancers(single{}),
		kgo.DisableAutoCommit(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
		kgo.MaxConcurrentFetches(3),
		kgo.FetchMaxBytes(16 << 20),
		kgo.FetchMaxPartitionBytes(4 << 20),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			if len(got) > 0 {
				m.once.Do(func() { close(m.assigned) })
			}
		}),
		kgo.OnPartitionsRevoked(m.onLost),
		kgo.OnPartitionsLost(m.onLost),
	}, m.base...)
	var err error
	if m.consumer, err = kgo.NewClient(opts...); err != nil {
		return fmt.Errorf("kafka client: %w", err)
	}
	m.consumer.PauseFetchTopics(m.topics...)
	return m.awaitAssignment(ctx)
}

func (m *member) onLost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	if len(gone) > 0 && !m.closing.Load() {
		m.task.drop()
	}
}

// run fetches for the task from the offsets next on, until close.
func (m *member) run(next map[row.TopicPartition]int64) {
	ctx, cancel := context.WithCancel(context.Background())
	m.stopPoll = cancel
	set := map[string]map[int32]kgo.EpochOffset{}
	for tp, offset := range next {
		if set[tp.Topic] == nil {
			set[tp.Topic] = map[int32]kgo.EpochOffset{}
		}
		set[tp.Topic][tp.Partition] = kgo.EpochOffset{Epoch: -1, Offset: offset}
	}
	m.consumer.SetOffsets(set)
	m.consumer.ResumeFetchTopics(m.topics...)
	go m.poll(ctx, m.task, next)
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

// leaving stops fetching. From then on it is no loss if the group takes topic-partitions away.
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
		m.consumer.Close()
	}
	m.admin.Close()
}
