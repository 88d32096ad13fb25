package kafka

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
)

type deadTopic struct {
	topic      string
	partitions int32 // 0 until it is known to exist
	wanted     int32
}

// deadFor returns where dead letters of a source topic go, which is made where it is
// missing.
func (o *output) deadFor(ctx context.Context, source string) (deadTopic, error) {
	to := o.dead[source]
	if to.partitions > 0 {
		return to, nil
	}
	var err error
	if to.partitions, _, err = o.t.ensureTopic(ctx, to.topic, to.wanted, 0, false); err != nil {
		return to, fmt.Errorf("dead-letter topic: %w", err)
	}
	o.dead[source] = to
	return to, nil
}

// bury appends dead letters to kept: the original record, and where and why.
func (o *output) bury(ctx context.Context, b *row.Batch, dead []row.DeadLetter) error {
	for _, d := range dead {
		rec := b.Record(d.Record)
		to, err := o.deadFor(ctx, rec.Topic)
		if err != nil {
			return err
		}
		r := &kgo.Record{
			Topic: to.topic, Partition: rec.Partition % to.partitions, Timestamp: time.UnixMilli(rec.Timestamp),
			Key: rec.Key, Value: rec.Value,
		}
		for _, h := range rec.Headers {
			r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
		}
		o.keepDead(r, rec, d.Reason)
	}
	return nil
}

// buryRows appends rows that can be no record: their own keys and values, as their
// sink would have them, and the record that caused them, if it was one.
func (o *output) buryRows(ctx context.Context, b *row.Batch, changes []row.Change, refused []int) error {
	for _, i := range refused {
		c := &changes[i]
		s := &o.sinks[c.Query]
		source := o.t.plan.Sources[0].Topic // the flush is nobody's in particular
		var rec *row.Record
		if c.Cause >= 0 {
			rec = b.Record(int(c.Cause))
			source = rec.Topic
		}
		to, err := o.deadFor(ctx, source)
		if err != nil {
			return err
		}
		r := &kgo.Record{Topic: to.topic, Timestamp: time.UnixMilli(c.Timestamp)}
		if rec != nil {
			r.Partition = rec.Partition % to.partitions
		}
		if s.encoder.HasKey() {
			r.Key, _ = s.encoder.AppendKey(nil, c)
		}
		if s.encoder.HasValue(c) {
			r.Value = s.encoder.AppendValue(nil, c)
		}
		_, why := s.encoder.Timestamp(c)
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: "parallax.sink", Value: []byte(s.topic)})
		o.keepDead(r, rec, why.Error())
	}
	return nil
}

// keepDead appends a dead letter, with where it comes from, if that is a record,
// and why.
func (o *output) keepDead(r *kgo.Record, rec *row.Record, why string) {
	header := func(key, value string) {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: key, Value: []byte(value)})
	}
	by := cause{offset: -1}
	if rec != nil {
		by = cause{rec.TopicPartition, rec.Offset}
		header("parallax.topic", rec.Topic)
		header("parallax.partition", strconv.Itoa(int(rec.Partition)))
		header("parallax.offset", strconv.FormatInt(rec.Offset, 10))
	}
	header("parallax.error", why)
	header("parallax.job", o.t.opt.Job)
	o.kept, o.causes = append(o.kept, r), append(o.causes, by)
}

// countRefused is how many rows can be no record, where none is written.
func (o *output) countRefused(changes []row.Change) (n int64) {
	for i := range changes {
		if _, err := o.sinks[changes[i].Query].encoder.Timestamp(&changes[i]); err != nil {
			n++
		}
	}
	return n
}
