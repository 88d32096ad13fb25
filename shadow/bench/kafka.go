package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"parallax/shadow/embedded"
	"parallax/shadow/workload"
)

// Brokers are where the whole of a run is measured.
type Brokers struct {
	// Name is embedded or kafka.
	Name  string
	Addrs []string
	// Cores are the client's cores. With a broker in another process they must leave one
	// for it.
	Cores int
}

// Embedded starts a broker in this process, with which it shares cores, heap and
// allocations.
func Embedded() (Brokers, func(), error) {
	b, err := embedded.Start(embedded.Options{})
	if err != nil {
		return Brokers{}, nil, err
	}
	return Brokers{Name: "embedded", Addrs: b.Addrs(), Cores: runtime.NumCPU()}, b.Stop, nil
}

// External are brokers that run elsewhere, or beside this process.
func External(addrs []string) Brokers {
	return Brokers{Name: "kafka", Addrs: addrs, Cores: max(1, runtime.NumCPU()-1)}
}

const (
	kafkaRecords = 400_000
	kafkaBatch   = 1_000
	kafkaRounds  = 5
)

// kafkaPaths are those that need a broker.
var kafkaPaths = []struct {
	name string
	run  func(ctx context.Context, k *kafkaCourse, topic, group string) (kafkaTurn, error)
}{
	{"kafka", func(ctx context.Context, k *kafkaCourse, topic, group string) (kafkaTurn, error) {
		return k.runJob(ctx, topic, group, true)
	}},
	{"kafka-v1", func(ctx context.Context, k *kafkaCourse, topic, group string) (kafkaTurn, error) {
		return k.runJob(ctx, topic, group, false)
	}},
	{kafkaFloor, func(ctx context.Context, k *kafkaCourse, topic, group string) (kafkaTurn, error) {
		return k.runFloor(ctx, topic, group)
	}},
	{"kafka-plain", func(ctx context.Context, k *kafkaCourse, topic, group string) (kafkaTurn, error) {
		return k.runPlain(ctx, topic, group)
	}},
}

// kafkaFloor is the path that does the job's work by hand.
const kafkaFloor = "kafka-floor"

// heldAgainst reports whether a path with a broker is compared with another one: paths that
// do more are compared with those that do less, which follow them in kafkaPaths.
func heldAgainst(name, other string) bool {
	names := KafkaPaths()
	return slices.Index(names, other) > slices.Index(names, name)
}

// KafkaPaths are the names of the paths that need a broker.
func KafkaPaths() []string {
	var names []string
	for _, p := range kafkaPaths {
		names = append(names, p.name)
	}
	return names
}

// kafkaTurn is one run with a broker.
type kafkaTurn struct {
	took          time.Duration // from the first fetch to the last commit
	cpu           time.Duration
	mallocs       uint64
	records, rows int64
	transactions  int64
}

// kafkaCourse is a scenario against a broker.
type kafkaCourse struct {
	s       *scenario
	brokers Brokers
	source  string
	in      *Input
	// transaction is the number of records in a transaction of the plain loop, the same as
	// in the job's.
	transaction int
	created     []string // topics
}

// RunKafka measures a complete run of a scenario with a broker, next to hand-written loops
// with the same number of records in a transaction: one that copies records, and one that
// does the job's work.
func RunKafka(ctx context.Context, id string, at Brokers, opt Options, doc *Document) (err error) {
	opt = opt.withDefaults()
	s, err := lookup(id)
	if err != nil {
		return err
	}
	if len(s.topics) > 1 {
		return fmt.Errorf("scenario %s reads several topics, and the plain loop copies one", id)
	}
	n := kafkaRecords
	if opt.Records > 0 {
		n = opt.Records
	}
	opt.Progress(fmt.Sprintf("scenario %s against the %s broker, %d records", id, at.Name, n))
	k := &kafkaCourse{
		s: s, brokers: at, source: fmt.Sprintf("bench-%s-%d", s.topics[0], time.Now().UnixNano()),
		in: NewInput(s.data, workload.Options{Records: n, Seed: opt.Seed}),
	}
	defer func() { err = errors.Join(err, k.deleteTopics(context.WithoutCancel(ctx))) }()
	if err := k.produce(ctx); err != nil {
		return err
	}
	want, err := k.rows()
	if err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(at.Cores))
	lanes, err := k.measure(ctx, min(opt.Rounds, kafkaRounds), opt.Paths)
	if err != nil {
		return fmt.Errorf("scenario %s against the %s broker: %w", id, at.Name, err)
	}
	doc.Results = append(doc.Results, k.results(lanes, want)...)
	return nil
}

// rows returns the rows that the job must produce, from V1 without a broker.
func (k *kafkaCourse) rows() (output, error) {
	q, err := newQuery(k.s.sql)
	if err != nil {
		return output{}, err
	}
	want := output{check: true}
	return want, q.v1(k.in, kafkaBatch, &want)
}

// kafkaLane are one path's turns.
type kafkaLane struct {
	name  string
	got   output // the contents of the topic after the first turn
	turns []kafkaTurn
}

func (k *kafkaCourse) measure(ctx context.Context, rounds int, names []string) ([]*kafkaLane, error) {
	var lanes []*kafkaLane
	// Round 0 warms up, checks the rows, and determines the number of records in a
	// transaction.
	for round := range rounds + 1 {
		for i := range kafkaPaths {
			at := i
			if round > 0 {
				at = (round + i) % len(kafkaPaths)
			}
			p := kafkaPaths[at]
			if len(names) > 0 && !slices.Contains(names, p.name) || p.name == kafkaFloor && k.s.polled == nil {
				continue
			}
			topic := fmt.Sprintf("%s-%s-%d", k.source, p.name, round)
			k.created = append(k.created, topic)
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			used := cpuTime()
			turn, err := p.run(ctx, k, topic, topic)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			turn.cpu = cpuTime() - used
			runtime.ReadMemStats(&after)
			turn.mallocs = after.Mallocs - before.Mallocs
			if round == 0 {
				l := &kafkaLane{name: p.name}
				if l.got, err = k.readBack(ctx, topic, turn.rows); err != nil {
					return nil, fmt.Errorf("%s: %w", p.name, err)
				}
				lanes = append(lanes, l)
				k.transaction = max(k.transaction, int(turn.records/max(turn.transactions, 1)))
			} else {
				for _, l := range lanes {
					if l.name == p.name {
						l.turns = append(l.turns, turn)
					}
				}
			}
			if err := k.deleteTopics(ctx, topic); err != nil {
				return nil, err
			}
		}
	}
	return lanes, nil
}

// differs describes how the rows of a job differ from V1's, "" if they do not.
func (k *kafkaCourse) differs(l *kafkaLane, want output) string {
	if l.name == "kafka-plain" {
		if l.got.rows != k.in.Len() {
			return fmt.Sprintf("%d records were copied, and there are %d", l.got.rows, k.in.Len())
		}
		return ""
	}
	for _, t := range l.turns {
		if int(t.rows) != want.rows {
			return fmt.Sprintf("%d rows in one round, and V1 makes %d", t.rows, want.rows)
		}
	}
	if l.got.rows != want.rows || l.got.sum != want.sum {
		return fmt.Sprintf("%d rows in the topic with checksum %s, and V1 makes %d with %s", l.got.rows, l.got.checksum(), want.rows, want.checksum())
	}
	return ""
}

func (k *kafkaCourse) results(lanes []*kafkaLane, want output) []Result {
	per := func(l *kafkaLane, of func(kafkaTurn) float64) []float64 {
		var values []float64
		for _, t := range l.turns {
			values = append(values, of(t)/float64(t.records))
		}
		return values
	}
	wall := func(l *kafkaLane) []float64 {
		return per(l, func(t kafkaTurn) float64 { return float64(t.took.Nanoseconds()) })
	}
	var list []Result
	for _, l := range lanes {
		r := Result{
			Scenario: k.s.id, Path: l.name, Broker: k.brokers.Name, Batch: kafkaBatch, Cores: k.brokers.Cores, Records: k.in.Len(),
			Rows: l.got.rows, Checksum: l.got.checksum(), Rounds: len(l.turns), Differs: k.differs(l, want),
		}
		if r.Differs == "" {
			ns := spreadOf(wall(l))
			cpu := median(per(l, func(t kafkaTurn) float64 { return float64(t.cpu.Nanoseconds()) }))
			allocs := median(per(l, func(t kafkaTurn) float64 { return float64(t.mallocs) }))
			transaction := median(per(l, func(t kafkaTurn) float64 { return float64(t.records*t.records) / float64(max(t.transactions, 1)) }))
			r.NsPerRecord, r.CPUNsPerRecord, r.AllocsPerRecord, r.Transaction = &ns, &cpu, &allocs, int(transaction)
			r.RatioTo, r.RatioSpread = map[string]float64{}, map[string]Spread{}
			for _, other := range lanes {
				if heldAgainst(l.name, other.name) && k.differs(other, want) == "" {
					ratio := pairedRatio(wall(l), wall(other))
					r.RatioTo[other.name], r.RatioSpread[other.name] = ratio.Median, ratio
				}
			}
		}
		list = append(list, r)
	}
	return list
}

// sql is the scenario's script with topics of this run.
func (k *kafkaCourse) sql(topic string) string {
	return strings.NewReplacer(
		"kafka_topic='"+k.s.topics[0]+"'", "kafka_topic='"+k.source+"'",
		"kafka_topic='"+k.s.data.OutTopic+"'", "kafka_topic='"+topic+"'",
	).Replace(k.s.sql)
}
