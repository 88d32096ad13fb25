package topics_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/diff"
	"parallax/diff/tables"
	"parallax/shadow/embedded"
	"parallax/shadow/kafka"
	"parallax/shadow/topics"
)

// cluster is an embedded broker with a client that writes.
type cluster struct {
	t      *testing.T
	broker *embedded.Broker
	client *kgo.Client
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	b, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	c := &cluster{t: t, broker: b}
	c.client = c.newClient(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	return c
}

func (c *cluster) newClient(opts ...kgo.Opt) *kgo.Client {
	c.t.Helper()
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(c.broker.Addrs()...))...)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(client.Close)
	return client
}

func (c *cluster) create(topic string, partitions int32) {
	c.t.Helper()
	if err := c.broker.CreateTopic(c.t.Context(), topic, partitions, embedded.Retention{}); err != nil {
		c.t.Fatal(err)
	}
}

func record(topic string, partition int32, key, value string) *kgo.Record {
	return &kgo.Record{Topic: topic, Partition: partition, Key: []byte(key), Value: []byte(value)}
}

func (c *cluster) write(client *kgo.Client, records ...*kgo.Record) {
	c.t.Helper()
	if err := client.ProduceSync(c.t.Context(), records...).FirstErr(); err != nil {
		c.t.Fatal(err)
	}
}

// transact writes records in a transaction, which it commits or aborts.
func (c *cluster) transact(id string, commit kgo.TransactionEndTry, records ...*kgo.Record) {
	c.t.Helper()
	client := c.newClient(kgo.TransactionalID(id), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err := client.BeginTransaction(); err != nil {
		c.t.Fatal(err)
	}
	c.write(client, records...)
	if err := client.EndTransaction(c.t.Context(), commit); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) open(topic string) *topics.Topic {
	c.t.Helper()
	cfg := kafka.DefaultConfig()
	cfg.Brokers = c.broker.Addrs()
	opened, err := topics.Open(c.t.Context(), cfg, topic)
	if err != nil {
		c.t.Fatal(err)
	}
	return opened
}

// values reads a topic.
func (c *cluster) values(t *topics.Topic) string {
	c.t.Helper()
	var list []string
	err := t.Read(c.t.Context(), func(r *tables.Record) error {
		list = append(list, fmt.Sprintf("%d@%d=%s", r.Partition, r.Offset, r.Value))
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.Join(list, " ")
}

// Read returns what was committed when the topic was opened: neither aborted records nor
// records of an open transaction, nor those that came later. Each offset is counted.
func TestATopicIsReadToTheEndThatItHadWhenItWasOpened(t *testing.T) {
	c := newCluster(t)
	c.create("out", 1)
	c.write(c.client, record("out", 0, "a", "1"))
	c.transact("one", kgo.TryCommit, record("out", 0, "a", "2"))  // and a marker
	c.transact("two", kgo.TryAbort, record("out", 0, "a", "bad")) // and a marker
	topic := c.open("out")
	if topic.Offsets() != 5 || topic.Open() != 0 {
		t.Errorf("%d offsets, %d open", topic.Offsets(), topic.Open())
	}
	pending := c.newClient(kgo.TransactionalID("three"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err := pending.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	c.write(pending, record("out", 0, "a", "open"))
	for range 2 { // twice the same
		if got := c.values(topic); got != "0@0=1 0@1=2" {
			t.Errorf("%s", got)
		}
	}
	behind := c.open("out")
	if behind.Offsets() != 5 || behind.Open() != 1 {
		t.Errorf("%d offsets, %d open", behind.Offsets(), behind.Open())
	}
	if got := c.values(behind); got != "0@0=1 0@1=2" {
		t.Errorf("%s", got)
	}
	if err := pending.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	if got := c.values(c.open("out")); got != "0@0=1 0@1=2 0@5=open" {
		t.Errorf("%s", got)
	}
}

// Two topics with other partitions, formats and transactions: the table is the same. No
// group appears on the broker, and nothing is written to the topics.
func TestTwoTopicsAreComparedWithoutAGroup(t *testing.T) {
	c := newCluster(t)
	c.create("v1", 2)
	c.create("v2", 3)
	for i := range 20 {
		key := fmt.Sprint("k", i)
		c.write(c.client, record("v1", int32(i%2), key, `{"N":0}`), record("v1", int32(i%2), key, fmt.Sprintf(`{"N":%d}`, i)))
		c.transact(fmt.Sprint("tx", i), kgo.TryCommit, record("v2", int32(i%3), fmt.Sprintf(`{"K":%q}`, key), fmt.Sprintf(`{"n":%d.0}`, i)))
	}
	v1, v2 := c.open("v1"), c.open("v2")
	res, err := tables.Compare(t.Context(), v1, v2, tables.Options{Key: []string{"k"}, Memory: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if !res.Holds(diff.E6) || res.Paired != 20 || res.Spelled != 20 {
		t.Errorf("%s: %d paired, %d differ, alone %v", res.LevelHeld(), res.Paired, res.Differing, res.Alone)
	}
	for side, topic := range []*topics.Topic{v1, v2} {
		if got := res.Ledger[side].Offsets(); got != 40 || topic.Offsets() != 40 {
			t.Errorf("%s: %d offsets in the ledger, %d in the topic: %+v", topic.Name(), got, topic.Offsets(), res.Ledger[side])
		}
	}
	if l := res.Ledger; l[0].Superseded != 20 || l[1].WithoutRecord != 20 {
		t.Errorf("%+v", l)
	}
	c.write(c.client, record("v2", 0, `{"K":"k0"}`, `{"n":7}`))
	if res, err = tables.Compare(t.Context(), v1, c.open("v2"), tables.Options{Key: []string{"k"}, Memory: 16 << 20}); err != nil || res.Differing != 1 {
		t.Errorf("%v, %d differ", err, res.Differing)
	}
	admin := kadm.NewClient(c.client)
	groups, err := admin.ListGroups(t.Context())
	if err != nil || len(groups) != 0 {
		t.Errorf("groups %v, %v", groups.Groups(), err)
	}
	names, err := admin.ListTopics(t.Context())
	if err != nil || len(names) != 2 {
		t.Errorf("topics %v, %v", names.Names(), err)
	}
	ends, err := admin.ListEndOffsets(t.Context(), "v1")
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	ends.Each(func(o kadm.ListedOffset) { sum += o.Offset })
	if sum != 40 {
		t.Errorf("v1 has %d records after the comparison", sum)
	}
}

func TestAddressesOfTopics(t *testing.T) {
	for text, want := range map[string]string{
		"kafka://b:9092/out":     "[b:9092] out true",
		"kafka://a,b:9093/out.1": "[a b:9093] out.1 true",
		"file.jsonl":             "[]  false",
		"-":                      "[]  false",
	} {
		brokers, topic, ok, err := topics.ParseAddress(text)
		if got := fmt.Sprint(brokers, " ", topic, " ", ok); got != want || err != nil {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"kafka://b:9092", "kafka:///out", "kafka://b:9092/a/b", "kafka://b:x/out", "kafka:out"} {
		if _, _, ok, err := topics.ParseAddress(text); err == nil || !ok {
			t.Errorf("%s is an address", text)
		}
	}
}

func TestATopicThatDoesNotExist(t *testing.T) {
	c := newCluster(t)
	cfg := kafka.DefaultConfig()
	cfg.Brokers = c.broker.Addrs()
	_, err := topics.Open(t.Context(), cfg, "none")
	if err == nil || !strings.HasPrefix(err.Error(), "topic none does not exist on ") {
		t.Error(err)
	}
}
