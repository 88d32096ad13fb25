package bench

import (
	"context"
	"errors"
	"time"

	"parallax/processors/row"
	"parallax/shadow"
	"parallax/shadow/bench/plainloop"
	"parallax/shadow/kafka"
)

// timedTask is a task that notes when its first records were fetched and when its
// last transaction had committed.
type timedTask struct {
	*kafka.Task
	first, last time.Time
}

// Next implements shadow.Source.
func (t *timedTask) Next(ctx context.Context) (*row.Batch, error) {
	b, err := t.Task.Next(ctx)
	if err == nil && t.first.IsZero() {
		t.first = t.Fetched()
	}
	return b, err
}

// Commit implements shadow.Output.
func (t *timedTask) Commit(ctx context.Context) error {
	err := t.Task.Commit(ctx)
	t.last = time.Now()
	return err
}

// runJob is `parallax run --until-end --flush` with transactions and the default commit
// interval; with V2 every record is compared.
func (k *kafkaCourse) runJob(ctx context.Context, topic, group string, withV2 bool) (turn kafkaTurn, err error) {
	q, err := newQuery(k.sql(topic))
	if err != nil {
		return turn, err
	}
	cfg := kafka.DefaultConfig()
	cfg.Brokers, cfg.Group, cfg.Batch = k.brokers.Addrs, group, kafkaBatch
	task, err := kafka.Open(ctx, cfg, q.plan, kafka.Options{Job: group, UntilEnd: true, Flush: true, MaxBytes: shadow.DefaultCommit().MaxBytes})
	if err != nil {
		return turn, err
	}
	timed := &timedTask{Task: task}
	job := shadow.Job{Source: timed, Output: timed, RequireLevel: k.s.level, Config: comparing()}
	if withV2 {
		job.Candidate = q.candidate(shadowPartitions)
	}
	rep, err := q.runShadow(job)
	stats := task.Stats()
	if err = errors.Join(err, task.Close(ctx)); err != nil {
		return turn, err
	}
	if withV2 {
		if err := allCompared(rep, k.in.Len()); err != nil {
			return turn, err
		}
	}
	return kafkaTurn{
		took: timed.last.Sub(timed.first), records: stats.Records, rows: stats.Rows, transactions: stats.Committed,
	}, nil
}

// runPlain is the plain loop over the same records.
func (k *kafkaCourse) runPlain(ctx context.Context, topic, group string) (kafkaTurn, error) {
	return k.runLoop(ctx, plainloop.Loop{Out: topic, Group: group})
}

// runFloor is the plain loop with the scenario's floor in it: it writes the rows that the
// job writes.
func (k *kafkaCourse) runFloor(ctx context.Context, topic, group string) (kafkaTurn, error) {
	floor, out := k.s.polled(), output{}
	return k.runLoop(ctx, plainloop.Loop{
		Out: topic, Group: group,
		Work: func(values [][]byte, row func(key, value []byte)) error {
			out.take = row
			return floor.take(values, &out)
		},
		End: func(row func(key, value []byte)) {
			out.take = row
			floor.end(&out)
		},
	})
}

func (k *kafkaCourse) runLoop(ctx context.Context, l plainloop.Loop) (kafkaTurn, error) {
	l.Brokers, l.In, l.Transaction = k.brokers.Addrs, k.source, k.transaction
	if l.Transaction == 0 { // no earlier run determined it
		l.Transaction = 20_000
	}
	r, err := l.Run(ctx)
	return kafkaTurn{took: r.Took, records: r.Records, rows: r.Rows, transactions: r.Transactions}, err
}
