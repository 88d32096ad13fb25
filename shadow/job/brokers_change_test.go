package job_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/config"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow/job"
)

// changes are what happens to brokers and topics while a job runs, once. None of it ends the job.
var changes = map[string]func(j *journey){
	"the leaders of the topic-partitions move": func(j *journey) { j.fake.ShufflePartitionLeaders() },
	"the coordinators move":                    func(j *journey) { j.fake.RehashCoordinators() },
	"the group's session expires":              func(j *journey) { j.delay(kmsg.Heartbeat, 20*time.Second) },
	"a transaction's time-out passes":          func(j *journey) { j.delay(kmsg.EndTxn, 70*time.Second) },
	"the offsets are committed late":           func(j *journey) { j.delay(kmsg.TxnOffsetCommit, 40*time.Second) },
	"rows are acknowledged late":               func(j *journey) { j.delay(kmsg.Produce, 70*time.Second) },
	"the source gets more partitions": func(j *journey) {
		if _, err := kadm.NewClient(j.client).CreatePartitions(j.t.Context(), 1, "s"); err != nil {
			j.t.Error(err)
		}
		j.sources["s"]++
	},
}

// delay lets the brokers answer the next request of a kind late.
func (j *journey) delay(key kmsg.Key, by time.Duration) {
	isDelayed := false
	j.fake.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		j.fake.KeepControl()
		if !isDelayed {
			isDelayed = true
			j.fake.SleepControl(func() { time.Sleep(by) }) // of the bubble
		}
		return nil, nil, false
	})
}

// paceFetches lets the bubble's time pass with each fetch. A client that asks the wrong leader asks again at once until a
// timer renews its metadata, and the bubble's timers stand still while goroutines are at work.
func (j *journey) paceFetches() {
	j.fake.ControlKey(kmsg.Fetch.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		j.fake.KeepControl()
		j.fake.SleepControl(func() { time.Sleep(time.Millisecond) })
		return nil, nil, false
	})
}

// TestAJobContinuesWhateverChangesAtTheBrokers: it writes each row once, in V1's order.
func TestAJobContinuesWhateverChangesAtTheBrokers(t *testing.T) {
	base := config.Default()
	base.Name, base.SQL, base.Kafka.Group, base.Kafka.Batch, base.Commit.MaxRecords = "job", counted, "group", 5, 10
	base.State.Interval = time.Second
	var list []row.Record
	for i := range 120 {
		list = append(list, row.Record{TopicPartition: row.TopicPartition{Topic: "s"}, Timestamp: int64(1_000_000 + 500*i), Key: []byte{'a' + byte(i%5)}, Value: []byte(`{"x":2}`)})
	}
	process := func(t *testing.T, change func(*journey), at int) []string {
		one := base
		one.State.Dir = stateDir(t)
		j := newJourneyOn(t, 3, one, map[string]int32{"s": 1})
		j.paceFetches()
		j.produce(list[:60])
		if change != nil {
			j.wire.after(at, func() { go change(j) })
		}
		for part := range 2 {
			r, err := j.run(t.Context(), func(_ *config.Job, o *job.Options) { o.Flush = part == 1 })
			if err != nil {
				t.Fatalf("at request %d, part %d: %v\n%s", at, part+1, err, j.log.String())
			}
			if e := r.Evidence; e.Diff.Root != 0 || e.Ledger.Gap != 0 || e.Ledger.Pending != 0 {
				t.Errorf("at request %d, part %d: %d divergences, ledger %+v", at, part+1, e.Diff.Root, e.Ledger)
			}
			if part == 0 {
				j.produce(list[60:])
			}
		}
		rows := j.written()
		leftBehind()
		return rows
	}
	var whole []string
	synctest.Test(t, func(t *testing.T) { whole = process(t, nil, 0) })
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			for at := 20; at <= 110; at += 15 {
				synctest.Test(t, func(t *testing.T) {
					if d := processortest.DiffLines(strings.Join(whole, "\n"), strings.Join(process(t, change, at), "\n")); d != "" {
						t.Errorf("at request %d (- wanted, + came):\n%s", at, d)
					}
				})
			}
		})
	}
}

// TestALiveJobReadsThePartitionsThatItsTopicGets without a person who restarts it.
func TestALiveJobReadsThePartitionsThatItsTopicGets(t *testing.T) {
	for _, sql := range []string{counted, copied().SQL} {
		synctest.Test(t, func(t *testing.T) {
			base := config.Default()
			base.Name, base.SQL, base.Kafka.Group, base.State.Dir = "job", sql, "group", stateDir(t)
			j := newJourney(t, base, map[string]int32{"s": 1})
			one := func(partition int32) row.Record {
				return row.Record{TopicPartition: row.TopicPartition{Topic: "s", Partition: partition}, Timestamp: 1_000_000, Key: []byte("k"), Value: []byte(`{"x":1,"a":1}`)}
			}
			j.produce([]row.Record{one(0)})
			ctx, stop := context.WithTimeout(t.Context(), 8*time.Minute)
			defer stop()
			go func() {
				time.Sleep(time.Minute)
				changes["the source gets more partitions"](j)
				j.client.ForceMetadataRefresh()
				time.Sleep(time.Minute)
				j.produce([]row.Record{one(1), one(0)})
			}()
			if _, err := j.run(ctx, func(_ *config.Job, o *job.Options) { o.UntilEnd = false }); err != nil {
				t.Fatalf("%v\n%s", err, j.log.String())
			}
			offsets, err := kadm.NewClient(j.client).FetchOffsets(t.Context(), "group")
			if err != nil {
				t.Fatal(err)
			}
			for partition, want := range map[int32]int64{0: 2, 1: 1} {
				if got, ok := offsets.Lookup("s", partition); !ok || got.At != want {
					t.Errorf("offset %d of partition %d is committed, want %d\n%s", got.At, partition, want, j.log.String())
				}
			}
		})
	}
}
