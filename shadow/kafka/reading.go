package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"parallax/shadow/kafka/cluster"
)

// reading is a topic that a start has to read to an end before it can go on. The client would wait
// for the brokers without end and without a log line.
type reading struct {
	topic string
	log   *slog.Logger
	most  time.Duration // kafka.patience
	// reach returns an error while no broker can be reached.
	reach func() error
	// read reads the topic, and calls arrived for each record.
	read func(ctx context.Context, arrived func()) error
}

// await reads the topic. A wait without a record that takes longer than firstReport is logged; after
// kafka.patience it ends with an error.
func (r *reading) await(ctx context.Context) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var last atomic.Int64 // when a record arrived, in ns
	arrived := func() { last.Store(time.Now().UnixNano()) }
	arrived()
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		timer := time.NewTimer(min(firstReport, r.most))
		defer timer.Stop()
		for {
			select {
			case <-done:
				return
			case <-timer.C:
			}
			silent := time.Since(time.Unix(0, last.Load()))
			if silent >= r.most {
				end(r.gaveUp(silent))
				return
			}
			if silent >= firstReport {
				r.log.Warn("waiting for the records of a topic", "topic", r.topic, "for", silent.Round(time.Second), "error", r.reach())
			}
			timer.Reset(min(cluster.RepeatEvery, r.most-silent))
		}
	}()
	err := r.read(ctx, arrived)
	close(done)
	<-over
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause // why the read was canceled
	}
	return err
}

// gaveUp is the error of a wait.
func (r *reading) gaveUp(silent time.Duration) error {
	err := r.reach()
	if err == nil {
		err = errors.New("a transaction that another program has open on it may be the reason")
	}
	return fmt.Errorf("read %s: no record arrived for %v, which is more than kafka.patience: %w", r.topic, silent.Round(time.Second), err)
}

// hasRows reports whether a topic has committed records.
func (t *Task) hasRows(ctx context.Context, topic string) (found bool, err error) {
	r := reading{topic: topic, log: t.log, most: t.cfg.Patience, reach: t.member.CheckReach, read: func(ctx context.Context, _ func()) (err error) {
		found, err = t.member.HasRows(ctx, topic)
		return err
	}}
	err = r.await(ctx)
	return found, err
}
