package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parallax/shadow/embedded"
	"parallax/shadow/kafka"
	"parallax/shadow/produce"
	"parallax/shadow/workload"
)

// SourcePartitions is how many topic-partitions the source topics have.
const SourcePartitions = 3

// aheadMost is how many records may be made before the job has read them, and
// from how many on they are made while it runs: the broker keeps what is made in
// memory.
const aheadMost = 500_000

// keepBytes is what the topics of a demo that makes records while it runs keep of
// each partition: several times what is ahead of the job.
const keepBytes = 24 << 20

// Prepare makes the topics, and the records: all before the job starts, so that
// two runs see the same, or, where that would be too many, while it runs.
func (d *Demo) Prepare(ctx context.Context) error {
	isFed := d.records > aheadMost
	var keep embedded.Retention
	if isFed {
		keep.Bytes = keepBytes
	}
	for _, topic := range append(slices.Clone(d.Scenario.Topics), d.outputTopics()...) {
		if err := d.broker.CreateTopic(ctx, topic, SourcePartitions, keep); err != nil {
			return err
		}
	}
	if isFed {
		d.Job.Task.UntilEnd = false
		d.Job.Feed = d.feed
		return nil
	}
	produced, ended := d.producing()
	defer ended()
	return d.Produce(ctx, d.records, produced)
}

// feed makes the records while the job runs.
func (d *Demo) feed(ctx context.Context, task *kafka.Task) error {
	if d.opt.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.opt.Duration)
		defer cancel()
	}
	produced, ended := d.producing()
	defer ended()
	return d.Produce(ctx, d.records, func(n int64) {
		produced(n)
		for n-task.Stats().Records > aheadMost/5 && ctx.Err() == nil {
			time.Sleep(time.Millisecond) // the job is behind: let it catch up
		}
	})
}

// outputTopics are the topics that the scenario's queries write to.
func (d *Demo) outputTopics() (topics []string) {
	for _, s := range d.Job.Plan.Sinks() {
		topics = append(topics, s.Topic)
	}
	return topics
}

// producing says that the records begin to be made.
func (d *Demo) producing() (produced func(int64), ended func()) {
	switch {
	case d.opt.Producing == nil:
		return func(int64) {}, func() {}
	case d.opt.Duration > 0:
		return d.opt.Producing(0)
	}
	return d.opt.Producing(int64(d.records))
}

// Produce makes a number of records, the scenario's first ones, and calls done with how
// many there are so far.
func (d *Demo) Produce(ctx context.Context, records int, done func(int64)) error {
	producer, err := produce.NewProducer(d.Addrs())
	if err != nil {
		return err
	}
	defer producer.Close()
	g := d.Scenario.Generate(workload.Options{Records: records, Seed: d.opt.Seed, Partitions: SourcePartitions})
	if _, err := producer.Produce(ctx, g, done); err != nil && ctx.Err() == nil {
		return fmt.Errorf("produce the demo's data: %w", err)
	}
	return nil
}
