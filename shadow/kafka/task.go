package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/evidence"
	"parallax/shadow/ingest"
)

// ErrAssignmentLost is that the group took the task's topic-partitions away:
// another instance has them, with or without what was not committed yet.
var ErrAssignmentLost = errors.New("the consumer group took the topic-partitions away from this instance")

// Options are what a run wants beside the job's Config.
type Options struct {
	Job string
	// UntilEnd ends the input at the offsets that were last when the task was
	// opened; Flush ends it with the flush batch.
	UntilEnd, Flush bool
	// FromStart forgets the group's offsets. It wants empty output topics, or
	// Append.
	FromStart, Append bool
	// Stateful says that what a record means depends on earlier ones: such a job
	// cannot be resumed from offsets alone.
	Stateful bool
	// NoOutput consumes and commits offsets, and produces nothing.
	NoOutput bool
	// MaxBytes is how much a transaction may hold, 0 for no limit.
	MaxBytes int64
	// DeadLetter is the dead-letter topic, "" for <source topic>.dlq.
	DeadLetter string
	// NewDecoder makes the decoder of a source, which is number index of the plan; nil is
	// codec.NewDecoder. It is called by many goroutines.
	NewDecoder func(ctx context.Context, src *row.Source, index int, opt codec.DecodeOptions) (Decoder, error)
	Log        *slog.Logger
	// Client are further options of all clients, such as a dialer.
	Client []kgo.Opt
}

// Task is a job's topic-partitions, in and out. Next is called by one goroutine,
// Emit and Commit by one; the rest is safe for concurrent use.
type Task struct {
	cfg  Config
	opt  Options
	plan *plan.Plan
	log  *slog.Logger

	consumer *kgo.Client
	admin    *kadm.Client
	base     []kgo.Opt // options of every client

	// Assignment.
	assigned chan struct{}
	once     sync.Once
	lost     chan struct{}
	loseOnce sync.Once
	closing  atomic.Bool

	// times are the timestamps that the topics take that the job writes to.
	times map[string]timestampLimits

	// topicIDs are the source topics'; newer brokers want them in commits.
	topicIDs map[string]kadm.TopicID

	// Input.
	parts     map[row.TopicPartition]*position
	places    row.Places[*position] // the same, for what is asked record by record
	order     []row.TopicPartition
	sequencer *ingest.Sequencer
	pace      ingest.Pace
	fetched   chan fetch
	decoders  []map[string]Decoder // one map, by topic, a goroutine that decodes
	lanes     lanes
	stopPoll  context.CancelFunc
	polled    chan struct{}
	ends      chan map[row.TopicPartition]int64 // from Finish
	flushed   bool
	unstable  []evidence.OpenTransaction
	cameFirst time.Time // see Fetched
	waited    time.Duration

	out   *output
	stats counters
}

// counters are a task's own counts.
type counters struct {
	decodeNanos, encodeNanos, decoded, encoded atomic.Int64
	brokerGaps, deadLetters, tooLarge          atomic.Int64
	changedTimestamps                          atomic.Int64
	committed, reproduced                      atomic.Int64
	decodeRetries                              atomic.Int64
	lag                                        atomic.Int64
}

// Stats is a snapshot of a task's counts.
type Stats struct {
	// BrokerGaps are offsets that hold no record: transaction markers, and holes
	// that compaction left.
	BrokerGaps int64
	// Records were decoded in DecodeTime, Rows encoded in EncodeTime.
	Records, Rows, DeadLetters int64
	DecodeTime, EncodeTime     time.Duration
	// TooLarge are rows that are not written because their topic does not take so
	// much. Each is a dead letter.
	TooLarge int64
	// ChangedTimestamps are rows and dead letters that were written with another timestamp
	// than their own, which their topic does not take.
	ChangedTimestamps int64
	// Committed counts transactions, Reproduced how often one had to be produced
	// again.
	Committed, Reproduced int64
	// Lag is how many offsets are left to the last known ends.
	Lag int64
	// Waiting is how many topic-partitions wait because their records cannot be decoded for
	// now, DecodeRetries how often decoding was tried again.
	Waiting, DecodeRetries int64
}

// Stats may be called at any time.
func (t *Task) Stats() Stats {
	c := &t.stats
	return Stats{
		BrokerGaps: c.brokerGaps.Load(), Records: c.decoded.Load(), Rows: c.encoded.Load(), DeadLetters: c.deadLetters.Load(),
		TooLarge:   c.tooLarge.Load(),
		DecodeTime: time.Duration(c.decodeNanos.Load()), EncodeTime: time.Duration(c.encodeNanos.Load()),
		ChangedTimestamps: c.changedTimestamps.Load(),
		Committed:         c.committed.Load(), Reproduced: c.reproduced.Load(), Lag: c.lag.Load(),
		Waiting: t.lanes.count(), DecodeRetries: c.decodeRetries.Load(),
	}
}

// Lag returns how many offsets are left to the last known ends, and how many records were
// decoded. It may be called at any time.
func (t *Task) Lag() (left, read int64) { return t.stats.lag.Load(), t.stats.decoded.Load() }

// Open joins the group, waits until the task's topic-partitions are this
// instance's, and checks that the job can begin where the group stands. It
// creates the output topics that are missing. While another instance is active it waits,
// until ctx ends.
func Open(ctx context.Context, cfg Config, p *plan.Plan, opt Options) (*Task, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.MaxBytes <= 0 {
		opt.MaxBytes = math.MaxInt64
	}
	for _, w := range cfg.warnings() {
		opt.Log.Warn(w)
	}
	base, err := cfg.clientOptions()
	if err != nil {
		return nil, err
	}
	t := &Task{
		cfg: cfg, opt: opt, plan: p, log: opt.Log, base: append(append(base, kgo.WithHooks(newReachability(opt.Log))), opt.Client...),
		assigned: make(chan struct{}), lost: make(chan struct{}),
		topicIDs: map[string]kadm.TopicID{}, times: map[string]timestampLimits{},
		parts: map[row.TopicPartition]*position{}, fetched: make(chan fetch, 4), polled: make(chan struct{}),
		ends: make(chan map[row.TopicPartition]int64, 1),
	}
	t.pace.Expect(p.MostRows())
	if err := t.open(ctx); err != nil {
		return nil, errors.Join(err, t.Close(context.WithoutCancel(ctx)))
	}
	return t, nil
}

func (t *Task) open(ctx context.Context) error {
	for range runtime.GOMAXPROCS(0) {
		decoders, err := t.newDecoders(ctx)
		if err != nil {
			return err
		}
		t.decoders = append(t.decoders, decoders)
	}
	admin, err := kgo.NewClient(t.base...)
	if err != nil {
		return fmt.Errorf("kafka client: %w", err)
	}
	t.admin = kadm.NewClient(admin)
	counts, err := t.sourceTopics(ctx)
	if err != nil {
		return err
	}
	// Outputs before offsets: a job that is refused has forgotten nothing.
	if t.out, err = newOutput(ctx, t, counts); err != nil {
		return err
	}
	if t.opt.FromStart {
		if err := t.forget(ctx); err != nil {
			return err
		}
	}
	if err := t.join(ctx); err != nil {
		return err
	}
	if err := t.out.takeOver(ctx); err != nil {
		return err
	}
	if err := t.positions(ctx, counts); err != nil {
		return err
	}
	for tp, p := range t.parts {
		*t.places.At(tp) = p
	}
	t.out.begin(t.parts)
	t.sequencer = ingest.NewSequencer(t.plan.Sources)
	for _, tp := range t.order {
		t.sequencer.Add(tp)
		t.settle(tp)
	}
	return t.startPolling()
}

// startPolling lets records come. The topic-partitions were assigned before;
// they were paused until their positions were known.
func (t *Task) startPolling() error {
	ctx, cancel := context.WithCancel(context.Background())
	t.stopPoll = cancel
	set := map[string]map[int32]kgo.EpochOffset{}
	for tp, pos := range t.parts {
		if set[tp.Topic] == nil {
			set[tp.Topic] = map[int32]kgo.EpochOffset{}
		}
		set[tp.Topic][tp.Partition] = kgo.EpochOffset{Epoch: -1, Offset: pos.next}
	}
	t.consumer.SetOffsets(set)
	t.consumer.ResumeFetchTopics(t.topics()...)
	go t.poll(ctx)
	return nil
}

// topics are the source topics.
func (t *Task) topics() []string {
	var topics []string
	for _, s := range t.plan.Sources {
		topics = append(topics, s.Topic)
	}
	return topics
}

// join becomes a member of the group and waits for the assignment.
func (t *Task) join(ctx context.Context) error {
	opts := append([]kgo.Opt{
		kgo.ConsumerGroup(t.cfg.Group),
		kgo.ConsumeTopics(t.topics()...),
		kgo.Balancers(single{}),
		kgo.DisableAutoCommit(),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
		kgo.MaxConcurrentFetches(3),
		kgo.FetchMaxBytes(16 << 20),
		kgo.FetchMaxPartitionBytes(4 << 20),
		kgo.OnPartitionsAssigned(func(_ context.Context, _ *kgo.Client, got map[string][]int32) {
			if len(got) > 0 {
				t.once.Do(func() { close(t.assigned) })
			}
		}),
		kgo.OnPartitionsRevoked(t.onLost),
		kgo.OnPartitionsLost(t.onLost),
	}, t.base...)
	var err error
	if t.consumer, err = kgo.NewClient(opts...); err != nil {
		return fmt.Errorf("kafka client: %w", err)
	}
	t.consumer.PauseFetchTopics(t.topics()...)
	return t.awaitAssignment(ctx)
}

func (t *Task) onLost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	if len(gone) > 0 && !t.closing.Load() {
		t.loseOnce.Do(func() { close(t.lost) })
	}
}

// isLost returns ErrAssignmentLost once the assignment is.
func (t *Task) isLost() error {
	select {
	case <-t.lost:
		return ErrAssignmentLost
	default:
		return nil
	}
}

// Close leaves the group. What was emitted and not committed is aborted.
func (t *Task) Close(ctx context.Context) error {
	t.closing.Store(true)
	if t.stopPoll != nil {
		t.stopPoll()
		<-t.polled
	}
	var err error
	if t.out != nil {
		err = t.out.close(ctx)
	}
	if t.consumer != nil {
		t.consumer.Close()
	}
	if t.admin != nil {
		t.admin.Close()
	}
	return err
}
