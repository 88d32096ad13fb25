package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors"
	"parallax/processors/pipeline"
	"parallax/processors/plan"
	"parallax/processors/row"
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

// onBrokers runs a test on kfake, an in-process broker, in a synctest bubble, where time
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
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ListenFn(network.Listen))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		test(t, &place{addrs: c.ListenAddrs(), client: client, fake: c})
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

// replaceTopic names another topic as the sink of totals.
func replaceTopic(sql, topic string) string {
	return strings.Replace(sql, "kafka_topic='totals'", "kafka_topic='"+topic+"'", 1)
}

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
	if err == nil {
		err = ends.Error()
	}
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
