package job_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parallax/config"
	"parallax/processors/row"
	"parallax/shadow/job"
	"parallax/shadow/kafka/cluster"
)

// copied is a job without state.
func copied() config.Job {
	cfg := config.Default()
	cfg.Name, cfg.Kafka.Group = "job", "group"
	cfg.SQL = `CREATE STREAM s (a BIGINT) WITH (kafka_topic='s'); CREATE STREAM o WITH (kafka_topic='o') AS SELECT a FROM s;`
	return cfg
}

// TestAJobWhoseBrokersWereNeverThereEndsSoon: the addresses may be wrong.
func TestAJobWhoseBrokersWereNeverThereEndsSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJourney(t, copied(), map[string]int32{"s": 1})
		j.wire.cut()
		begun := time.Now()
		_, err := j.run(t.Context(), func(*config.Job, *job.Options) {})
		if !errors.Is(err, cluster.ErrNotReached) || !strings.Contains(err.Error(), "reach Kafka at localhost:") || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("%v, want that Kafka is not reached, and why", err)
		}
		if took := time.Since(begun); took >= time.Minute { // of the bubble
			t.Errorf("it took %v", took)
		}
	})
}

// TestAJobOfAServerWaitsForBrokersThatWereNeverThere, says so, and starts when they are there; it
// ends after kafka.patience.
func TestAJobOfAServerWaitsForBrokersThatWereNeverThere(t *testing.T) {
	const patience = 5 * time.Minute // by the clock of the bubble
	for _, comeBack := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			j := newJourney(t, copied(), map[string]int32{"s": 1})
			j.produce([]row.Record{{TopicPartition: row.TopicPartition{Topic: "s"}, Value: []byte(`{"a":1}`)}})
			j.wire.cut()
			begun := time.Now()
			if comeBack {
				back := time.AfterFunc(patience/2, j.wire.mend)
				defer back.Stop()
			}
			_, err := j.run(t.Context(), func(cfg *config.Job, o *job.Options) {
				cfg.Kafka.Patience, o.AwaitBrokers = patience, true
			})
			took, log := time.Since(begun), j.log.String()
			if n := strings.Count(log, "no broker can be reached; the job waits"); n < 2 {
				t.Errorf("it said %d times that it waits:\n%s", n, log)
			}
			if strings.Contains(log, "the job lost its brokers") {
				t.Errorf("it says that it lost what it never had:\n%s", log)
			}
			if comeBack && (err != nil || len(j.written()) != 1) {
				t.Errorf("%v, %d rows", err, len(j.written()))
			}
			if !comeBack && (!errors.Is(err, cluster.ErrNotReached) || took < patience || took > patience+time.Minute) {
				t.Errorf("%v after %v", err, took)
			}
		})
	}
}

// TestAJobThatLosesItsBrokersAtAnyRequestEndsAfterKafkaPatience: while it starts, too.
func TestAJobThatLosesItsBrokersAtAnyRequestEndsAfterKafkaPatience(t *testing.T) {
	const patience, more = 5 * time.Minute, 2 * time.Minute // by the clock of the bubble
	var records []row.Record
	for i := range 20 {
		records = append(records, row.Record{TopicPartition: row.TopicPartition{Topic: "s"}, Timestamp: int64(i), Value: []byte(`{"a":1}`)})
	}
	for n := 1; n <= 60; n++ {
		synctest.Test(t, func(t *testing.T) {
			j := newJourney(t, copied(), map[string]int32{"s": 1})
			j.produce(records)
			j.wire.after(n, j.wire.cut)
			ctx, cancel := context.WithTimeout(t.Context(), patience+more)
			defer cancel()
			_, err := j.run(ctx, func(cfg *config.Job, o *job.Options) {
				cfg.Kafka.Patience, cfg.Kafka.Batch, cfg.Commit.MaxRecords, o.UntilEnd = patience, 2, 4, false
			})
			if err == nil || ctx.Err() != nil {
				t.Errorf("the brokers are away after request %d, and the job has not ended after %v (%v):\n%s", n, patience+more, err, j.log.String())
			}
		})
	}
}

// TestABoundedJobThatBeginsAgainEndsWhereItsFirstStartSaid: what comes while the brokers are away belongs to the next run.
func TestABoundedJobThatBeginsAgainEndsWhereItsFirstStartSaid(t *testing.T) {
	const each = 20
	list := make([]row.Record, each)
	for i := range list {
		list[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "s"}, Timestamp: int64(i), Value: []byte(`{"a":1}`)}
	}
	again := 0
	for n := 22; n <= 46; n += 2 {
		synctest.Test(t, func(t *testing.T) {
			j := newJourney(t, copied(), map[string]int32{"s": 1})
			j.produce(list)
			var back sync.WaitGroup
			defer back.Wait()
			j.wire.after(n, func() {
				j.wire.cut()
				back.Go(func() {
					j.produce(list)
					time.Sleep(time.Minute) // of the bubble: longer than the group's session
					j.wire.mend()
				})
			})
			_, err := j.run(t.Context(), func(cfg *config.Job, _ *job.Options) {
				cfg.Kafka.Batch, cfg.Commit.MaxRecords = 2, 4
			})
			if errors.Is(err, cluster.ErrNotReached) {
				return // it never had its brokers
			}
			if err != nil {
				t.Fatalf("the brokers are away after request %d: %v\n%s", n, err, j.log.String())
			}
			begun, away := strings.Index(j.log.String(), "V2's routing"), strings.Index(j.log.String(), "the broker cannot be reached")
			if away < begun || !strings.Contains(j.log.String(), "the job lost its brokers") {
				return // the end was not known yet, or the job did not begin again
			}
			again++
			if rows := j.written(); len(rows) != each {
				t.Errorf("the brokers are away after request %d: %d rows, want the %d of the records that were there when the job began\n%s", n, len(rows), each, j.log.String())
			}
		})
	}
	if again < 5 {
		t.Errorf("the job began again %d times, want at least 5", again)
	}
}
