package job_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parallax/config"
	"parallax/processors/processortest"
	"parallax/processors/row"
	"parallax/shadow/job"
)

// busy is input of which each batch is large, so that a job is at work on it for a while.
func busy(n int) []row.Record {
	list := make([]row.Record, n)
	for i := range list {
		list[i] = row.Record{TopicPartition: row.TopicPartition{Topic: "s"}, Timestamp: int64(i), Value: fmt.Appendf(nil, `{"a":%d}`, i)}
	}
	return list
}

// leftBehind lets requests end that the job did not wait for. Time stands still once a test has returned.
func leftBehind() { time.Sleep(10 * time.Minute) }

// linesBefore returns the lines of a log that were written before a time.
func linesBefore(log string, end time.Time) (lines string) {
	for line := range strings.Lines(log) {
		text, _, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
		if at, err := time.Parse(time.RFC3339, text); err == nil && at.Before(end) {
			lines += line
		}
	}
	return lines
}

// TestANetworkThatForwardsNothingForAMinuteIsNoticedAndSaid: no connection ends, so that the job has to notice by itself. It says
// so while the network is stalled, continues afterwards, and writes what it writes without that.
func TestANetworkThatForwardsNothingForAMinuteIsNoticedAndSaid(t *testing.T) {
	var whole []string
	synctest.Test(t, func(t *testing.T) {
		j := newJourney(t, copied(), map[string]int32{"s": 1})
		j.produce(busy(200))
		if _, err := j.run(t.Context(), func(cfg *config.Job, _ *job.Options) { cfg.Kafka.Batch, cfg.Commit.MaxRecords = 10, 20 }); err != nil {
			t.Fatal(err)
		}
		whole = j.written()
	})
	for n := 12; n <= 76; n += 3 {
		synctest.Test(t, func(t *testing.T) {
			j := newJourney(t, copied(), map[string]int32{"s": 1})
			j.produce(busy(200))
			var stalled time.Time
			j.wire.after(n, func() {
				stalled = time.Now()
				j.wire.stall()
				time.AfterFunc(time.Minute, j.wire.flow) // of the bubble
			})
			defer leftBehind()
			_, err := j.run(t.Context(), func(cfg *config.Job, _ *job.Options) { cfg.Kafka.Batch, cfg.Commit.MaxRecords = 10, 20 })
			if err != nil {
				t.Fatalf("stalled at request %d: %v\n%s", n, err, j.log.String())
			}
			if time.Since(stalled) < 20*time.Second {
				t.Fatalf("stalled at request %d, the job had nothing to wait for", n)
			}
			if said := linesBefore(j.log.String(), stalled.Add(time.Minute)); !strings.Contains(said, "cannot be reached") && !strings.Contains(said, "lost its brokers") && !strings.Contains(said, "waiting for the brokers") {
				t.Errorf("stalled at request %d: after a minute the job has not said that it waits for the brokers:\n%s", n, said)
			}
			if d := processortest.DiffLines(strings.Join(whole, "\n"), strings.Join(j.written(), "\n")); d != "" {
				t.Errorf("stalled at request %d (- wanted, + came):\n%s", n, d)
			}
		})
	}
}

// TestANetworkThatForwardsNothingAnyMoreEndsTheJobAfterKafkaPatience, whatever the job waits for.
func TestANetworkThatForwardsNothingAnyMoreEndsTheJobAfterKafkaPatience(t *testing.T) {
	const patience, more = 5 * time.Minute, 3 * time.Minute // by the clock of the bubble
	for n := 1; n <= 120; n += 7 {
		synctest.Test(t, func(t *testing.T) {
			j := newJourney(t, copied(), map[string]int32{"s": 1})
			j.produce(busy(200))
			j.wire.after(n, j.wire.stall)
			defer leftBehind()
			defer j.wire.flow()
			ctx, cancel := context.WithTimeout(t.Context(), patience+more)
			defer cancel()
			_, err := j.run(ctx, func(cfg *config.Job, o *job.Options) {
				cfg.Kafka.Patience, cfg.Kafka.Batch, cfg.Commit.MaxRecords, o.UntilEnd = patience, 10, 20, false
			})
			if err == nil || ctx.Err() != nil {
				t.Errorf("the network is stalled from request %d on, and the job has not ended after %v (%v):\n%s", n, patience+more, err, j.log.String())
			}
		})
	}
}
