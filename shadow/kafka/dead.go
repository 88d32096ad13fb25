package kafka

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/kafka/cluster"
	"parallax/shadow/kafka/limits"
)

// deadTopic is the dead-letter topic of a source topic.
type deadTopic struct {
	topic      string
	partitions int32 // 0 until it is known to exist
	wanted     int32
	bytes      int // the largest batch that it must accept, if the job creates it
}

// headersRoom is the room for the headers of a dead letter that its record did not have.
const headersRoom = 64 << 10

// deadFor returns the dead-letter topic of a source topic. It creates the topic if it is
// missing.
func (o *output) deadFor(ctx context.Context, source string) (deadTopic, error) {
	to := o.dead[source]
	if to.partitions > 0 {
		return to, nil
	}
	var err error
	if to.partitions, err = o.ensureDead(ctx, to); err != nil {
		return to, fmt.Errorf("dead-letter topic: %w", err)
	}
	if err := o.readLimits(ctx, to.topic); err != nil {
		return to, err
	}
	o.dead[source] = to
	return to, nil
}

// ensureDead creates a dead-letter topic if it is missing. If the broker allows it, the topic
// accepts what its source topic accepts and the headers in addition. It keeps its records
// without a limit, because they have the timestamps of the input, and brokers delete by timestamp.
func (o *output) ensureDead(ctx context.Context, to deadTopic) (partitions int32, err error) {
	configs := map[string]*string{"retention.ms": kadm.StringPtr("-1")}
	if to.bytes > 0 {
		configs["max.message.bytes"] = kadm.StringPtr(strconv.Itoa(to.bytes))
	}
	partitions, existed, err := o.t.member.EnsureTopic(ctx, to.topic, to.wanted, 0, configs)
	if err == nil && !existed && to.bytes > 0 {
		// A broker may not be able to describe it yet.
		o.limits.Set(to.topic, limits.Size{Bytes: to.bytes, KeepsCompression: true, LettersOnly: true})
	}
	if cluster.RefusesSettings(err) {
		o.t.log.Warn("the job is not allowed to set max.message.bytes and retention.ms of its dead-letter topic: large dead letters will be truncated, and old ones may be deleted soon",
			"topic", to.topic, "max.message.bytes", to.bytes, "error", err)
		partitions, _, err = o.t.member.EnsureTopic(ctx, to.topic, to.wanted, 0, nil)
	}
	return partitions, err
}

// bury appends the dead letters of records [from, to) of a batch to kept.
func (o *output) bury(ctx context.Context, b *row.Batch, dead []row.DeadLetter, from, to int) error {
	for _, d := range dead {
		if d.Record < from || d.Record >= to {
			continue
		}
		if err := o.buryRecord(ctx, b.Record(d.Record), "", d.Reason); err != nil {
			return err
		}
	}
	return nil
}

// buryRecord appends a record's dead letter to kept; sink is the topic that did not
// accept a row of it, "" for none.
func (o *output) buryRecord(ctx context.Context, rec *row.Record, sink, why string) error {
	to, err := o.deadFor(ctx, rec.Topic)
	if err != nil {
		return err
	}
	return o.keepDead(&kgo.Record{
		Topic: to.topic, Partition: rec.Partition % to.partitions, Timestamp: time.UnixMilli(rec.Timestamp),
		Key: rec.Key, Value: rec.Value, Headers: kafkaHeaders(codec.OriginalHeaders(rec.Headers)),
	}, rec, sink, why)
}

// refusal is a row that its topic does not accept.
type refusal struct {
	row int
	why error
	// tooLarge says that the row is too large for its topic.
	tooLarge bool
}

// buryRows appends the dead letters of refused rows. The dead letter of a row that is too large
// has the record that caused it. The others have the row's own key and value, as its sink would
// have them, and name the record that caused it.
func (o *output) buryRows(ctx context.Context, b *row.Batch, changes []row.Change, refused []refusal) error {
	for _, bad := range refused {
		c := &changes[bad.row]
		s := &o.sinks[c.Query]
		var rec *row.Record
		if c.Cause >= 0 {
			rec = b.Record(int(c.Cause))
		}
		if bad.tooLarge && rec != nil {
			if err := o.buryRecord(ctx, rec, s.topic, bad.why.Error()); err != nil {
				return err
			}
			continue
		}
		r := &kgo.Record{Timestamp: time.UnixMilli(c.Timestamp)}
		if s.encoder.HasKey() {
			r.Key, _ = s.encoder.AppendKey(nil, c)
		}
		if s.encoder.HasValue(c) {
			r.Value = s.encoder.AppendValue(nil, c)
		}
		if err := o.buryRow(ctx, r, rec, s.topic, bad.why.Error()); err != nil {
			return err
		}
	}
	return nil
}

// buryRow appends the dead letter of a row, with the row's own key and value. rec is
// the record that caused it, nil for the flush.
func (o *output) buryRow(ctx context.Context, r *kgo.Record, rec *row.Record, sink, why string) error {
	source := o.t.plan.Sources[0].Topic // the flush has no record of its own
	if rec != nil {
		source = rec.Topic
	}
	to, err := o.deadFor(ctx, source)
	if err != nil {
		return err
	}
	r.Topic, r.Partition = to.topic, 0
	if rec != nil {
		r.Partition = rec.Partition % to.partitions
	}
	return o.keepDead(r, rec, sink, why)
}

// keepDead shortens a dead letter until it fits its topic and appends it to kept, with headers that
// name its record, if it has one, and the reason.
func (o *output) keepDead(r *kgo.Record, rec *row.Record, sink, why string) error {
	by := cause{offset: -1}
	if rec != nil {
		by = cause{rec.TopicPartition, rec.Offset}
	}
	if sink != "" {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: "parallax.sink", Value: []byte(sink)})
	}
	r.Headers = append(r.Headers, kafkaHeaders(codec.DeadHeaders(rec, why))...)
	r.Headers = append(r.Headers, kgo.RecordHeader{Key: "parallax.job", Value: []byte(o.t.opt.Job)})
	o.stamp(r, o.timesOf(r.Topic), time.Now().UnixMilli())
	o.warnOfAge(r)
	if err := o.fit(r, by); err != nil {
		return err
	}
	o.keep(r, by)
	return nil
}

// warnOfAge warns once of a dead letter that is older than its topic's retention.
func (o *output) warnOfAge(r *kgo.Record) {
	keep := o.retention[r.Topic]
	if keep == 0 || o.warnedOfLetters || time.Since(r.Timestamp) <= keep {
		return
	}
	o.warnedOfLetters = true
	o.t.log.Warn("a dead letter has its record's timestamp, which is older than the dead-letter topic's retention: Kafka will delete it soon; set retention.ms of the topic to -1",
		"topic", r.Topic, "timestamp", r.Timestamp.UTC(), "retention", keep)
}

// keep appends a record to the open transaction.
func (o *output) keep(r *kgo.Record, by cause) {
	o.kept, o.causes = append(o.kept, r), append(o.causes, by)
	o.held += int64(len(r.Key)+len(r.Value)) + heldByRecord
}

// fits reports whether a topic accepts a record; a dead letter may be compressed for that.
func (o *output) fits(r *kgo.Record) bool {
	at := o.limits.At(r.Topic)
	return limits.BatchBytes(r) <= at.Bytes ||
		isLetter(r) && at.LettersOnly && at.KeepsCompression && o.compression.CompressedBytes(r) <= at.Bytes
}

// fit makes a dead letter fit its topic.
func (o *output) fit(r *kgo.Record, by cause) error {
	limit := o.limits.At(r.Topic).Bytes
	if o.fits(r) || limits.Cut(r, limit) {
		return nil
	}
	return fmt.Errorf("the dead letter of %s does not fit topic %s: its headers alone make a batch of %d bytes, and the topic accepts %d; set max.message.bytes of %s to 1048588 or more, or dead_letter to a topic that accepts more",
		by, r.Topic, limits.BatchBytes(r), limit, r.Topic)
}

// isLetter reports whether a record is a dead letter.
func isLetter(r *kgo.Record) bool {
	return slices.ContainsFunc(r.Headers, func(h kgo.RecordHeader) bool { return h.Key == "parallax.error" })
}

// String names the cause for people.
func (c cause) String() string {
	if c.offset < 0 {
		return "the flush"
	}
	return fmt.Sprintf("%s/%d@%d", c.at.Topic, c.at.Partition, c.offset)
}

func kafkaHeaders(headers []row.Header) []kgo.RecordHeader {
	var out []kgo.RecordHeader
	for _, h := range headers {
		out = append(out, kgo.RecordHeader{Key: h.Key, Value: h.Value})
	}
	return out
}

// countRefused returns the number of rows that could not be written as records, for a job that
// writes nothing.
func (o *output) countRefused(changes []row.Change) (n int64) {
	for i := range changes {
		if _, err := o.sinks[changes[i].Query].encoder.Timestamp(&changes[i]); err != nil {
			n++
		}
	}
	return n
}
