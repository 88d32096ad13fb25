package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/ingest"
	"parallax/shadow/stage"
)

// ErrAssignmentLost says that the group revoked the task's topic-partitions and may assign them to
// another instance. What was not committed by then is aborted.
var ErrAssignmentLost = errors.New("the consumer group revoked the topic-partitions of this instance")

// Options are the options of a run in addition to the job's Config.
type Options struct {
	Job string
	// UntilEnd ends the input at the last stable offsets at the time when the task is
	// opened; Flush ends it with the flush batch.
	UntilEnd, Flush bool
	// Bounds are the bounds of an earlier task of the same run (see Task.Bounds); nil for the
	// first one.
	Bounds *Bounds
	// FromStart deletes the group's offsets. It requires empty output topics, or
	// Append.
	FromStart, Append bool
	// Stateful says that the result of a record depends on earlier ones: such a job
	// cannot be resumed from offsets alone.
	Stateful bool
	// Resume is called by Open once, with the group's committed offsets. It returns a place whose
	// state the caller has; the input from there to the committed offsets is replayed (see
	// Replaying). If it returns nil, the job begins at the group's offsets. If it returns an error,
	// Open fails. If Resume is nil, no job with state can continue.
	Resume func(at Committed) (*ingest.Place, error)
	// Generation is the newest generation that another source, such as a checkpoint, knows; 0
	// for none.
	Generation int64
	// Stages says that the job has a migration: its changes of stage are stored.
	Stages bool
	// StateInterval is how often the caller stores the state: the journal topic must keep its
	// records for longer.
	StateInterval time.Duration
	// NoOutput consumes and commits offsets, and produces nothing.
	NoOutput bool
	// MaxBytes is the largest size of a transaction, 0 for no limit.
	MaxBytes int64
	// DeadLetter is the dead-letter topic, "" for <source topic>.dlq.
	DeadLetter string
	// NewDecoder returns a decoder for a source, which has this index in the plan; nil means
	// codec.NewDecoder. It is called by many goroutines.
	NewDecoder func(ctx context.Context, src *row.Source, index int, opt codec.DecodeOptions) (Decoder, error)
	Log        *slog.Logger
	// Client has further options for all clients, such as a dialer.
	Client []kgo.Opt
}

// Task is the input and the output of a job's topic-partitions. Next is called by one goroutine,
// Emit and Commit by one; the rest is safe for concurrent use.
type Task struct {
	cfg  Config
	opt  Options
	plan *plan.Plan
	log  *slog.Logger

	// maxBytes is how much a transaction may hold.
	maxBytes atomic.Int64
	// member is the instance that the task runs on. lost is closed, and held ends, when the group
	// revokes the topic-partitions.
	member *member
	lost   <-chan struct{}
	held   context.Context
	drop   context.CancelFunc

	// Input.
	parts     map[row.TopicPartition]*position
	places    row.Places[*position] // the same, for lookups by record
	order     []row.TopicPartition
	sequencer *ingest.Sequencer
	pace      ingest.Pace
	fetched   chan fetch
	decoders  []map[string]Decoder // one map, by topic, a goroutine that decodes
	lanes     lanes
	ends      chan map[row.TopicPartition]int64 // from Finish
	flushed   bool
	bounds    *Bounds   // nil for a run without an end
	cameFirst time.Time // see Fetched
	waited    time.Duration

	sourceRetention Retention

	generation int64
	// replay is the input that is replayed first, nil for none; replaying says that it goes on.
	replay    *replay
	replaying atomic.Bool
	replayed  atomic.Int64

	out *output
	// journal is nil for a job that keeps none.
	journal *journalTopic
	// stages are the changes of stage that committed after the place, the oldest first.
	stages []stage.Change
	// progress has the offsets that have committed.
	progress atomic.Pointer[Progress]
	stats    counters
}

// counters are a task's own counts.
type counters struct {
	decodeNanos, encodeNanos, decoded, encoded atomic.Int64
	brokerGaps, deadLetters, tooLarge          atomic.Int64
	changedTimestamps                          atomic.Int64
	committed, reproduced                      atomic.Int64
	outputBytes, journalBytes                  atomic.Int64
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
	// TooLarge are rows that are too large for their topic. Each is written as a dead
	// letter.
	TooLarge int64
	// ChangedTimestamps are rows and dead letters that were written with another timestamp,
	// because their topic does not accept their own.
	ChangedTimestamps int64
	// Committed counts transactions, Reproduced how often one had to be produced
	// again.
	Committed, Reproduced int64
	// OutputBytes is the size of the rows' keys and values, JournalBytes the size of the journal's records.
	OutputBytes, JournalBytes int64
	// Lag is the number of offsets up to the last known ends.
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
		OutputBytes: c.outputBytes.Load(), JournalBytes: c.journalBytes.Load(),
		Waiting: t.lanes.count(), DecodeRetries: c.decodeRetries.Load(),
	}
}

// Lag returns how many offsets are left to the last known ends, and how many records were
// decoded. It may be called at any time.
func (t *Task) Lag() (left, read int64) { return t.stats.lag.Load(), t.stats.decoded.Load() }

// Open joins the group, waits until it assigns the task's topic-partitions to this instance, and
// checks that the job can continue from the group's offsets. It creates the output topics that are
// missing. While another instance is active it waits until ctx ends.
func Open(ctx context.Context, cfg Config, p *plan.Plan, opt Options) (*Task, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	for _, w := range cfg.warnings() {
		opt.Log.Warn(w)
	}
	topics, err := sourceTopics(p)
	if err != nil {
		return nil, err
	}
	c, err := cfg.Connect(opt.Log, opt.Client...)
	if err != nil {
		return nil, err
	}
	m, err := newMember(ctx, c, cfg, topics, opt.Log)
	if err != nil {
		m.close()
		return nil, err
	}
	t := newTask(cfg, p, opt, m)
	m.task = t
	if err := t.open(ctx); err != nil {
		return nil, errors.Join(err, t.Close(context.WithoutCancel(ctx)))
	}
	return t, nil
}

// sourceTopics returns the topics that a plan reads.
func sourceTopics(p *plan.Plan) (topics []string, err error) {
	seen := map[string]string{}
	for _, s := range p.Sources {
		if other, twice := seen[s.Topic]; twice {
			return nil, fmt.Errorf("sources %s and %s read the same topic %s", other, s.Name, s.Topic)
		}
		seen[s.Topic] = s.Name
		topics = append(topics, s.Topic)
	}
	return topics, nil
}

func newTask(cfg Config, p *plan.Plan, opt Options, m *member) *Task {
	held, drop := context.WithCancel(context.Background())
	t := &Task{
		cfg: cfg, opt: opt, plan: p, log: opt.Log, member: m, lost: held.Done(), held: held, drop: drop,
		parts: map[row.TopicPartition]*position{}, fetched: make(chan fetch, 4),
		ends: make(chan map[row.TopicPartition]int64, 1),
	}
	t.pace.Expect(p.MostRows())
	t.SetMaxBytes(opt.MaxBytes)
	return t
}

// SetMaxBytes changes how much a transaction may hold, 0 for no limit. Any goroutine may call it.
func (t *Task) SetMaxBytes(bytes int64) {
	if bytes <= 0 {
		bytes = math.MaxInt64
	}
	t.maxBytes.Store(bytes)
}

// open makes the task ready and lets the member fetch for it.
func (t *Task) open(ctx context.Context) error {
	for range runtime.GOMAXPROCS(0) {
		decoders, err := t.newDecoders(ctx)
		if err != nil {
			return err
		}
		t.decoders = append(t.decoders, decoders)
	}
	// Outputs before offsets: a job that is refused has forgotten nothing.
	var err error
	if t.journal, err = t.prepareJournal(ctx); err != nil {
		return err
	}
	if t.sourceRetention, err = t.member.shortestRetention(ctx); err != nil {
		return err
	}
	if t.out, err = newOutput(ctx, t); err != nil {
		return err
	}
	if t.opt.FromStart {
		last, err := t.member.lastGeneration(ctx)
		if err != nil {
			return err
		}
		t.generation = max(last, t.opt.Generation) + 1
		if err := t.member.forget(ctx); err != nil {
			return err
		}
	}
	if err := t.member.join(ctx); err != nil {
		return err
	}
	if err := t.out.takeOver(ctx); err != nil {
		return err
	}
	at, place, err := t.positions(ctx)
	if err != nil {
		return err
	}
	begin := map[row.TopicPartition]mark{}
	for tp, p := range t.parts {
		*t.places.At(tp), begin[tp] = p, mark{p.next, p.epoch.Load()}
	}
	followed, err := t.journal.begin(ctx, t, at, place)
	if err != nil {
		return err
	}
	if err := t.putInOrder(at, place, followed); err != nil {
		return err
	}
	for _, tp := range t.order {
		t.settle(tp)
	}
	t.member.run(begin)
	return nil
}

// isLost returns ErrAssignmentLost once the task is dropped.
func (t *Task) isLost() error {
	select {
	case <-t.lost:
		return ErrAssignmentLost
	default:
		return nil
	}
}

// Close leaves the group, and aborts the open transaction.
func (t *Task) Close(ctx context.Context) error {
	t.member.leaving()
	var err error
	if t.out != nil {
		err = t.out.close(ctx)
	}
	t.member.close()
	t.drop()
	return err
}
