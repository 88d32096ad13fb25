package kafka

import (
	"context"
	"errors"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
)

// isTooLarge reports whether a broker refused a batch because of its size.
func isTooLarge(err error) bool {
	return errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge)
}

// refit makes the records of a transaction that did not commit fit their topics, whose limits may
// have been lowered while the job ran. If all records fit, the broker refused a batch below the
// topic's limit, as a proxy may, or a broker that compresses batches itself: then the limit of
// the failed record's topic is set to half of the refused size.
func (o *output) refit(ctx context.Context, failed *kgo.Record, bytes int) error {
	if err := o.readLimits(ctx, o.written()...); err != nil {
		return err
	}
	if !slices.ContainsFunc(o.kept, func(r *kgo.Record) bool { return !o.fits(r) }) {
		at := o.limits.At(failed.Topic).Bytes
		o.limits.Lower(failed.Topic, min(at, bytes)/2)
		o.applyLimits()
		o.t.log.Warn("the broker refused a batch that is not larger than the topic's max.message.bytes: the job continues with smaller batches",
			"topic", failed.Topic, "bytes", at, "refused", bytes, "now", o.limits.At(failed.Topic).Bytes)
	}
	kept, causes := o.kept, o.causes
	o.kept, o.causes, o.held = nil, nil, 0
	for i, r := range kept {
		if err := o.refitOne(ctx, r, causes[i]); err != nil {
			return err
		}
	}
	return nil
}

// refitOne keeps a record of a transaction that did not commit. A row that does not fit becomes a
// dead letter without the key and value of its cause, of which only the offset is known.
func (o *output) refitOne(ctx context.Context, r *kgo.Record, by cause) error {
	again := &kgo.Record{Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: r.Timestamp}
	switch {
	case isLetter(r):
		if err := o.fit(again, by); err != nil {
			return err
		}
		fallthrough
	case o.fits(r):
		o.keep(again, by)
		return nil
	}
	o.t.stats.encoded.Add(-1)
	o.t.count(1, []refusal{{tooLarge: true}})
	var rec *row.Record
	if by.offset >= 0 {
		rec = &row.Record{TopicPartition: by.at, Offset: by.offset}
	}
	again.Headers = nil
	return o.buryRow(ctx, again, rec, r.Topic, o.tooLarge(r, by).Error())
}
