package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/diff"
)

// A bounded run over a topic with an open transaction: the summary says which run it was,
// and that it did not read all.
func TestTheSummarySaysWhichRunItWas(t *testing.T) {
	onBrokers(t, func(t *testing.T, seeds []string) {
		name := place(t)
		if code, _, errs := parallax(t, "generate", "--brokers", seeds[0], "--topic", name+"-in", "--records", "300", "--bad", "5", "--partitions", "3"); code != 0 {
			t.Fatalf("generate: %s", errs)
		}
		client, err := kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.TransactionalID(name), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		if err := client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: name + "-in", Partition: 1, Value: []byte("{}")}).FirstErr(); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("job: %s\nkafka: {brokers: [%q], group: %s}\nsql: |\n  %s\n", name, seeds[0], name, strings.ReplaceAll(marketSQL(t, name), "\n", "\n  "))
		_, s, errs := runToTheEnd(t, text)
		if s.Version != version || s.Commit == "" || s.Started.IsZero() || s.Ended.Before(s.Started) {
			t.Errorf("%s %s, %v to %v", s.Version, s.Commit, s.Started, s.Ended)
		}
		read := int64(0)
		for _, o := range s.Offsets {
			if o.Topic != name+"-in" || o.From != 0 {
				t.Errorf("%+v", o)
			}
			read += o.To - o.From + 1
		}
		if len(s.Offsets) != 3 || read != s.Records || read != 300 {
			t.Errorf("%d records at offsets %+v", s.Records, s.Offsets)
		}
		if s.Policy.RequireLevel != diff.E3 || s.Policy.MinRecords != 10_000 {
			t.Errorf("policy %+v", s.Policy)
		}
		if s.DeadLetters == 0 || s.DeadLetters != s.Ledger.Undecodable || !slices.Equal(s.DeadLetterTopics, []string{name + "-in.dlq"}) {
			t.Errorf("%d dead letters to %v, %d undecodable", s.DeadLetters, s.DeadLetterTopics, s.Ledger.Undecodable)
		}
		if len(s.OpenTransactions) != 1 || s.OpenTransactions[0].Partition != 1 || s.OpenTransactions[0].End != s.OpenTransactions[0].LastStable+1 {
			t.Errorf("open transactions %+v", s.OpenTransactions)
		}
		if !strings.Contains(errs, "a transaction is open in the input") {
			t.Errorf("standard error does not say that a transaction is open:\n%s", errs)
		}
		if err := client.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
			t.Fatal(err)
		}
	})
}
