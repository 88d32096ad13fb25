package plainloop

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/shadow/embedded"
)

func TestEveryRecordIsCopiedInTransactionsOfTheSize(t *testing.T) {
	b, err := embedded.Start(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Stop)
	if err := b.CreateTopic(t.Context(), "in", 2, embedded.Retention{}); err != nil {
		t.Fatal(err)
	}
	c, err := kgo.NewClient(kgo.SeedBrokers(b.Addrs()...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	for i := range 100 {
		r := &kgo.Record{Topic: "in", Key: fmt.Append(nil, i), Value: fmt.Append(nil, "value ", i)}
		if err := c.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Loop{Brokers: b.Addrs(), In: "in", Out: "out", Group: "g", Transaction: 30}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Records != 100 || r.Transactions != 4 {
		t.Errorf("%d records in %d transactions, want 100 in 4", r.Records, r.Transactions)
	}
	c.AddConsumeTopics("out")
	got := map[string]string{}
	for len(got) < 100 {
		fetches := c.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) { got[string(r.Key)] = string(r.Value) })
	}
	if got["17"] != "value 17" {
		t.Errorf("record 17 is %q", got["17"])
	}
}
