package kafka_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/plan"
	"parallax/shadow/kafka"
)

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
		refused("a new group, without --from-start", fresh, "new", pl, "use --from-start --append")
		fresh.Stateful = false
		refused("a new group of a job without state", fresh, "new", pl, "use --from-start --append")
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
		if got := log.String(); p.fake != nil && (strings.Count(got, "waiting for the consumer group's assignment") != 2 || !strings.Contains(got, "this instance; the job continues")) {
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
