package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/processors"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/row"
	"parallax/shadow/embedded"
	"parallax/shadow/kafka"
)

// place is a broker and a corner of it that is the test's own: its topics and
// groups begin with prefix.
type place struct {
	addrs  []string
	client []kgo.Opt // options that every client needs
	prefix string
	fake   *kfake.Cluster // nil on Apache Kafka
}

// onBrokers runs a test on an embedded broker, in a synctest bubble, where time
// is the bubble's and nothing waits for real; and where KAFKA_SEEDS names one, on
// Apache Kafka as well.
func onBrokers(t *testing.T, test func(t *testing.T, p *place)) {
	t.Run("kfake", func(t *testing.T) { inBubble(t, test) })
	if seeds := os.Getenv("KAFKA_SEEDS"); seeds != "" {
		t.Run("apache", func(t *testing.T) {
			test(t, &place{addrs: strings.Split(seeds, ","), prefix: fmt.Sprintf("t%x-", time.Now().UnixNano())})
		})
	}
}

func inBubble(t *testing.T, test func(t *testing.T, p *place)) {
	synctest.Test(t, func(t *testing.T) {
		var network kfake.VirtualNetwork
		client := []kgo.Opt{kgo.Dialer(network.DialContext), kgo.MetadataMinAge(10 * time.Millisecond)}
		b, err := embedded.Start(embedded.Options{Cluster: []kfake.Opt{kfake.ListenFn(network.Listen)}, Client: client})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Stop()
		test(t, &place{addrs: b.Addrs(), client: client, fake: b.Cluster()})
	})
}

func (p *place) newClient(t *testing.T, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(append([]kgo.Opt{kgo.SeedBrokers(p.addrs...)}, p.client...), opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fill makes topic trades: n records, 100 ms of event time apart, dealt out to
// its partitions in turn.
func (p *place) fill(t *testing.T, n, partitions int) {
	t.Helper()
	c := p.newClient(t, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer c.Close()
	keep := map[string]*string{"retention.ms": kadm.StringPtr("-1")}
	if _, err := kadm.NewClient(c).CreateTopic(t.Context(), int32(partitions), -1, keep, p.prefix+"trades"); err != nil {
		t.Fatal(err)
	}
	// Apache Kafka's controller knows a topic before its brokers do.
	for known := false; !known && t.Context().Err() == nil; {
		details, err := kadm.NewClient(c).ListTopics(t.Context(), p.prefix+"trades")
		if err != nil {
			t.Fatal(err)
		}
		known = details.Has(p.prefix + "trades")
	}
	for i := range n {
		value := fmt.Appendf(nil, `{"symbol":"S%d","quantity":%d,"ts":%d}`, i%7, i, i*100)
		if i%50 == 49 {
			value = value[:10]
		}
		c.Produce(t.Context(), &kgo.Record{Topic: p.prefix + "trades", Partition: int32(i % partitions), Value: value, Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("v")}}}, nil)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

const trades = `CREATE STREAM trades (symbol STRING, quantity BIGINT, ts TIMESTAMP) WITH (kafka_topic='trades', timestamp='ts');
`

const totals = trades + `CREATE TABLE totals WITH (kafka_topic='totals') AS SELECT symbol, COUNT(*) AS n, SUM(quantity) AS q
FROM trades WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS) GROUP BY symbol EMIT CHANGES;`

const copies = trades + `CREATE STREAM copies WITH (kafka_topic='copies') AS SELECT symbol, quantity FROM trades;`

// compile plans a script over topics of the test's own.
func (p *place) compile(t *testing.T, sql string) *plan.Plan {
	t.Helper()
	sql = strings.ReplaceAll(sql, "kafka_topic='", "kafka_topic='"+p.prefix)
	return compile(t, sql)
}

func compile(t *testing.T, sql string) *plan.Plan {
	t.Helper()
	p, err := plan.Compile(sql, plan.BuildOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *place) config(group string) kafka.Config {
	c := kafka.DefaultConfig()
	c.Brokers, c.Group, c.Batch = p.addrs, p.prefix+group, 40
	return c
}

// work takes a task to the end of its input, with a commit every few batches,
// and returns what it took, as topic/partition@offset.
func work(ctx context.Context, t *testing.T, task *kafka.Task, p *plan.Plan, most int) (took []string, err error) {
	t.Helper()
	v1, err := pipeline.New(p, processors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; ; n++ {
		b, err := task.Next(ctx)
		if errors.Is(err, io.EOF) {
			return took, task.Commit(ctx)
		}
		if err != nil {
			return took, err
		}
		var dead []row.DeadLetter
		for i := range b.Len() {
			r := b.Record(i)
			took = append(took, fmt.Sprintf("%s/%d@%d", r.Topic, r.Partition, r.Offset))
			if r.State == row.Undecodable {
				dead = append(dead, row.DeadLetter{Record: i, Reason: r.Err.Error()})
			}
		}
		o, err := v1.Process(ctx, b)
		if err != nil {
			return took, err
		}
		if err := task.Emit(ctx, b, o.Changes, dead); err != nil {
			return took, err
		}
		if n%3 == 0 {
			if err := task.Commit(ctx); err != nil {
				return took, err
			}
			if most > 0 && len(took) >= most {
				return took, nil
			}
		}
	}
}

// read returns what is committed in a topic, a text for each record.
func (p *place) read(t *testing.T, topic string) (out []string) {
	t.Helper()
	topic = p.prefix + topic
	c := p.newClient(t, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	defer c.Close()
	ends, err := kadm.NewClient(c).ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	for len(left) > 0 {
		fetches := c.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				text := fmt.Sprintf("%d %q %s %d", r.Partition, r.Key, r.Value, r.Timestamp.UnixMilli())
				for _, h := range r.Headers {
					text += fmt.Sprintf(" %s=%s", h.Key, h.Value)
				}
				out = append(out, text)
			}
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		})
	}
	slices.Sort(out)
	return out
}

func (p *place) committed(t *testing.T, group string) map[int32]int64 {
	t.Helper()
	c := p.newClient(t)
	defer c.Close()
	fetched, err := kadm.NewClient(c).FetchOffsets(t.Context(), p.prefix+group)
	if err != nil {
		t.Fatal(err)
	}
	out := map[int32]int64{}
	fetched.Each(func(o kadm.OffsetResponse) { out[o.Partition] = o.At })
	return out
}

// whole runs a task to the end of its input and closes it.
func (p *place) whole(t *testing.T, group string, pl *plan.Plan, opt kafka.Options) {
	t.Helper()
	task, err := p.open(t, group, pl, opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := work(t.Context(), t, task, pl, 0); err != nil {
		t.Fatal(err)
	}
	if err := task.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (p *place) open(t *testing.T, group string, pl *plan.Plan, opt kafka.Options) (*kafka.Task, error) {
	t.Helper()
	opt.Job, opt.Client = "job", p.client
	return kafka.Open(t.Context(), p.config(group), pl, opt)
}

// TestTransactionsThatAbortAtRandomLeaveOutputAndOffsetsExact breaks every kind
// of request that a transaction is made of, before and after the broker has
// acted on it.
func TestTransactionsThatAbortAtRandomLeaveOutputAndOffsetsExact(t *testing.T) {
	var want []string
	var wantDead []string
	for seed := range uint64(12) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			inBubble(t, func(t *testing.T, p *place) {
				p.fill(t, 700, 3)
				pl := p.compile(t, totals)
				task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true, Flush: true, Stateful: true})
				if err != nil {
					t.Fatal(err)
				}
				random := rand.New(rand.NewPCG(seed, 0))
				if seed > 0 { // seed 0 is what the others must equal
					disturb(t, p, random)
				}
				took, err := work(t.Context(), t, task, pl, 0)
				if err != nil {
					t.Fatal(err)
				}
				stats := task.Stats()
				if err := task.Close(t.Context()); err != nil {
					t.Error(err)
				}
				if len(took) != 700 || len(slices.Compact(slices.Sorted(slices.Values(took)))) != 700 {
					t.Errorf("took %d records, some twice or never", len(took))
				}
				got, dead := p.read(t, "totals"), p.read(t, "trades.dlq")
				if want == nil {
					want, wantDead = got, dead
				}
				if !slices.Equal(got, want) || !slices.Equal(dead, wantDead) {
					t.Errorf("%d rows and %d dead letters, want %d and %d", len(got), len(dead), len(want), len(wantDead))
				}
				if at := p.committed(t, "g"); !maps.Equal(at, map[int32]int64{0: 234, 1: 233, 2: 233}) {
					t.Errorf("committed %v", at)
				}
				if seed > 0 {
					t.Logf("%d transactions, %d produced again", stats.Committed, stats.Reproduced)
				}
			})
		})
	}
}

// disturb makes the broker fail, at random and a bounded number of times, each
// request of a transaction.
func disturb(t *testing.T, p *place, random *rand.Rand) {
	c, budget := p.fake, 6
	roll := func() bool {
		if budget == 0 || random.IntN(3) > 0 {
			return false
		}
		budget--
		return true
	}
	c.ControlKey(int16(kmsg.EndTxn), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !roll() {
			return nil, nil, false
		}
		if random.IntN(2) == 0 { // the broker acts, and its answer is lost
			again := p.newClient(t)
			defer again.Close()
			c.SleepControl(func() {
				if _, err := again.Request(t.Context(), r); err != nil {
					t.Error(err)
				}
			})
		}
		resp := r.ResponseKind().(*kmsg.EndTxnResponse)
		resp.ErrorCode = kerr.UnknownServerError.Code
		return resp, nil, true
	})
	c.ControlKey(int16(kmsg.AddOffsetsToTxn), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !roll() {
			return nil, nil, false
		}
		resp := r.ResponseKind().(*kmsg.AddOffsetsToTxnResponse)
		resp.ErrorCode = kerr.UnknownServerError.Code
		return resp, nil, true
	})
	c.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !roll() {
			return nil, nil, false
		}
		if random.IntN(2) == 0 {
			return nil, errors.New("the connection broke"), true
		}
		req := r.(*kmsg.ProduceRequest)
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewProduceResponseTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			for _, tp := range t.Partitions {
				rp := kmsg.NewProduceResponseTopicPartition()
				rp.Partition, rp.ErrorCode = tp.Partition, kerr.UnknownServerError.Code
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
	c.ControlKey(int16(kmsg.TxnOffsetCommit), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !roll() {
			return nil, nil, false
		}
		req := r.(*kmsg.TxnOffsetCommitRequest)
		resp := req.ResponseKind().(*kmsg.TxnOffsetCommitResponse)
		for _, t := range req.Topics {
			rt := kmsg.NewTxnOffsetCommitResponseTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			for _, tp := range t.Partitions {
				rp := kmsg.NewTxnOffsetCommitResponseTopicPartition()
				rp.Partition, rp.ErrorCode = tp.Partition, kerr.UnknownServerError.Code
				rt.Partitions = append(rt.Partitions, rp)
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
}

func TestAnUnconfirmedEndThatCommittedIsNotProducedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, p *place) {
		p.fill(t, 100, 1)
		pl := p.compile(t, copies)
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		// The broker commits, and the answer is lost: the client is told otherwise.
		lost := false
		p.fake.ControlKey(int16(kmsg.EndTxn), func(r kmsg.Request) (kmsg.Response, error, bool) {
			p.fake.KeepControl()
			if lost {
				return nil, nil, false
			}
			lost = true
			c := p.newClient(t)
			defer c.Close()
			p.fake.SleepControl(func() {
				if _, err := c.Request(t.Context(), r); err != nil {
					t.Error(err)
				}
			})
			resp := r.ResponseKind().(*kmsg.EndTxnResponse)
			resp.ErrorCode = kerr.UnknownServerError.Code
			return resp, nil, true
		})
		if _, err := work(t.Context(), t, task, pl, 0); err != nil {
			t.Fatal(err)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got := p.read(t, "copies"); len(got) != 98 || len(slices.Compact(got)) != 98 {
			t.Errorf("%d rows, want 98 different ones", len(got))
		}
		if !lost {
			t.Error("no answer was lost")
		}
	})
}

func TestAStatelessJobGoesOnWhereItStopped(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 700, 3)
		pl := p.compile(t, copies)
		var took []string
		for len(took) < 700 {
			task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
			if err != nil {
				t.Fatal(err)
			}
			part, err := work(t.Context(), t, task, pl, 200)
			if err != nil {
				t.Fatal(err)
			}
			took = append(took, part...)
			if err := task.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if len(took) != 700 || len(slices.Compact(slices.Sorted(slices.Values(took)))) != 700 {
			t.Errorf("took %d records, some twice or never", len(took))
		}
		if got := p.read(t, "copies"); len(got) != 686 {
			t.Errorf("%d rows, want 686", len(got))
		}
	})
}

func TestWhatWouldGiveWrongAnswersIsRefused(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 200, 2)
		pl := p.compile(t, totals)
		stateful := kafka.Options{UntilEnd: true, Stateful: true}
		task, err := p.open(t, "g", pl, stateful)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := work(t.Context(), t, task, pl, 0); err != nil {
			t.Fatal(err)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		refused := func(what string, opt kafka.Options, group string, pl *plan.Plan, want string) {
			t.Helper()
			task, err := p.open(t, group, pl, opt)
			if err == nil {
				t.Errorf("%s was not refused", what)
				_ = task.Close(t.Context())
			} else if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", what, err, want)
			}
		}
		refused("resuming a stateful job", stateful, "g", pl, "--from-start")
		again := stateful
		again.FromStart = true
		refused("an output topic that is not empty", again, "g", pl, "--append")
		refused("the same under a new group", again, "new", pl, "--append")
		fresh := stateful
		refused("a new group, without --from-start", fresh, "new", pl, "say --from-start --append")
		fresh.Stateful = false
		refused("a new group of a job without state", fresh, "new", pl, "say --from-start --append")
		refused("another partition count", stateful, "h", p.compile(t, strings.Replace(totals, "kafka_topic='totals'", "kafka_topic='totals', partitions=5", 1)), "has 2 partitions, the job wants 5")
		refused("a source topic that is not there", stateful, "h", p.compile(t, strings.Replace(totals, "'trades', timestamp", "'absent', timestamp", 1)), "absent does not exist")
		again.Append = true
		task, err = p.open(t, "g", pl, again)
		if err != nil {
			t.Fatalf("--from-start --append: %v", err)
		}
		if took, err := work(t.Context(), t, task, pl, 0); err != nil || len(took) != 200 {
			t.Errorf("from the start: %d records, %v", len(took), err)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestASecondInstanceWaitsAndTakesOver(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 700, 3)
		pl := p.compile(t, copies)
		first, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		second := make(chan *kafka.Task)
		var log bytes.Buffer // the second's, until it is open
		go func() {
			task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true, Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Error(err)
			}
			second <- task
		}()
		took, err := work(t.Context(), t, first, pl, 300) // undisturbed by the one that waits
		if err != nil {
			t.Fatal(err)
		}
		if p.fake != nil { // time is the bubble's
			time.Sleep(time.Minute)
		}
		select {
		case <-second:
			t.Fatal("the second instance did not wait")
		default:
		}
		if err := first.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		task := <-second
		if got := log.String(); p.fake != nil && (strings.Count(got, "waiting for the consumer group's assignment") != 2 || !strings.Contains(got, "this instance; it goes on")) {
			t.Errorf("the second instance waited for a minute and logged\n%s", got)
		}
		rest, err := work(t.Context(), t, task, pl, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := slices.Sorted(slices.Values(append(took, rest...)))
		if len(all) != 700 || len(slices.Compact(all)) != 700 {
			t.Errorf("both together took %d records, some twice or never", len(took)+len(rest))
		}
	})
}

func TestADeadLetterSaysWhereItCameFromAndWhy(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 50, 1)
		pl := p.compile(t, copies)
		p.whole(t, "g", pl, kafka.Options{UntilEnd: true})
		got := p.read(t, "trades.dlq")
		if len(got) != 1 {
			t.Fatalf("%d dead letters, want 1", len(got))
		}
		for _, part := range []string{`{"symbol":`, "h=v", "parallax.topic=" + p.prefix + "trades", "parallax.partition=0", "parallax.offset=49", "parallax.error=", "parallax.job=job"} {
			if !strings.Contains(got[0], part) {
				t.Errorf("%s\nlacks %s", got[0], part)
			}
		}
	})
}

func TestTheOrderDoesNotDependOnHowPollsCutIt(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 300, 3)
		pl := p.compile(t, copies)
		var want []string
		for i := range 300 { // dealt out in turn, a later time each
			want = append(want, fmt.Sprintf("%strades/%d@%d", p.prefix, i%3, i/3))
		}
		// A record that cannot be decoded has no time: it comes as soon as it is
		// its topic-partition's turn, which is when the one before it was taken.
		for i := 49; i < 300; i += 50 {
			bad := want[i]
			want = slices.Insert(slices.Delete(want, i, i+1), i-2, bad)
		}
		for _, batch := range []int{1, 7, 1000} {
			cfg := p.config(fmt.Sprint("g", batch))
			cfg.Batch = batch
			task, err := kafka.Open(t.Context(), cfg, pl, kafka.Options{Job: cfg.Group, UntilEnd: true, Append: true, Client: p.client})
			if err != nil {
				t.Fatal(err)
			}
			took, err := work(t.Context(), t, task, pl, 0)
			if err != nil {
				t.Fatal(err)
			}
			if err := task.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(took, want) {
				t.Errorf("in batches of %d the order is\n%v\nwant\n%v", batch, took, want)
			}
		}
	})
}

func TestTransactionMarkersAtTheEndDoNotHangABoundedRun(t *testing.T) {
	onBrokers(t, func(t *testing.T, p *place) {
		p.fill(t, 20, 1)
		c := p.newClient(t, kgo.TransactionalID(p.prefix+"other"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		for _, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort} {
			if err := c.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			if err := c.ProduceSync(t.Context(), &kgo.Record{Topic: p.prefix + "trades", Value: []byte(`{"symbol":"X","quantity":1,"ts":5000}`)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
			if err := c.EndTransaction(t.Context(), end); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
		pl := p.compile(t, copies)
		task, err := p.open(t, "g", pl, kafka.Options{UntilEnd: true})
		if err != nil {
			t.Fatal(err)
		}
		took, err := work(t.Context(), t, task, pl, 0)
		if err != nil {
			t.Fatal(err)
		}
		// 20 records, one committed and its marker, one aborted and its marker.
		if s := task.Stats(); len(took) != 21 || s.BrokerGaps != 3 || s.Lag > 3 {
			t.Errorf("took %d records, %+v", len(took), s)
		}
		if err := task.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}
