package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/kafka/limits"
)

// heldByRecord is the memory, in bytes, that a record takes in addition to its key and value until
// its transaction has committed.
const heldByRecord = 200

// Emit adds a batch's rows, dead letters and offsets to the open transaction. A
// transaction that would hold more than Options.MaxBytes ends between two records of
// the batch: it commits the output of the records before, with their offsets. A batch that is
// replayed adds nothing: it has committed before.
func (t *Task) Emit(ctx context.Context, b *row.Batch, changes []row.Change, dead []row.DeadLetter) error {
	if err := t.isLost(); err != nil {
		return err
	}
	o := t.out
	if t.isReplayed(b) {
		t.pace.Made(b.Len(), len(changes), 0)
		return nil
	}
	t.stats.deadLetters.Add(int64(len(dead)))
	if t.opt.NoOutput {
		o.advance(b, 0, b.Len())
		t.pace.Made(b.Len(), len(changes), 0)
		t.stats.deadLetters.Add(o.countRefused(changes))
		return nil
	}
	for done, rows, bytes := 0, len(changes), int64(0); ; {
		first, before := len(o.kept), o.held
		start := time.Now()
		taken, refused := o.encode(b, changes)
		t.stats.encodeNanos.Add(int64(time.Since(start)))
		upTo := b.Len()
		if taken < len(changes) {
			upTo = int(changes[taken].Position - b.First)
		}
		t.count(taken, refused)
		bytes += o.held - before
		if err := o.bury(ctx, b, dead, done, upTo); err != nil {
			return err
		}
		if err := o.buryRows(ctx, b, changes, refused); err != nil {
			return err
		}
		o.advance(b, done, upTo)
		if err := o.produce(ctx, o.kept[first:]); err != nil {
			return err
		}
		if taken == len(changes) {
			t.pace.Made(b.Len(), rows, bytes)
			return nil
		}
		if err := t.Commit(ctx); err != nil {
			return err
		}
		changes, done = changes[taken:], upTo
	}
}

// count counts rows that were encoded or refused.
func (t *Task) count(rows int, refused []refusal) {
	t.stats.encoded.Add(int64(rows - len(refused)))
	t.stats.deadLetters.Add(int64(len(refused)))
	for _, bad := range refused {
		if bad.tooLarge {
			t.stats.tooLarge.Add(1)
		}
	}
}

// Pending returns how many bytes the open transaction holds.
func (t *Task) Pending() int64 { return t.out.held }

// advance moves the end of the transaction's input behind the records [from, to) of a batch.
func (o *output) advance(b *row.Batch, from, to int) {
	for i := from; i < to; i++ {
		r := b.Record(i)
		e := o.ends.At(r.TopicPartition)
		e.next, o.order = r.Offset+1, o.order.Take(e.key, r.Offset)
	}
	if from < to {
		o.position, o.watermark = b.First+int64(to), b.Record(to-1).Watermark
	}
	o.flush = o.flush || b.Flush()
	o.advanced = true
}

// note returns the note that is committed with the offsets of the open transaction.
func (o *output) note() string {
	return Note{
		Generation: o.t.generation, Incarnation: o.run, Transaction: o.number,
		Position: o.position, Watermark: o.watermark, Order: o.order, Finished: o.flush,
	}.String()
}

// slabRows is the largest number of rows in one buffer.
const slabRows = 1 << 14

// encode appends a batch's rows to kept, at least those of the first record and as many as the
// transaction has room for, and returns their number. It leaves out the rows that their topic
// does not accept, and returns them.
func (o *output) encode(b *row.Batch, changes []row.Change) (taken int, refused []refusal) {
	room := o.t.maxBytes.Load() - o.held
	for taken < len(changes) {
		n := min(slabRows, len(changes)-taken)
		done, bytes, bad := o.encodeSlab(b, changes, taken, taken+n, room)
		refused = append(refused, bad...)
		o.held += bytes
		room -= bytes
		if taken += done; done < n {
			break
		}
	}
	return taken, refused
}

// encodeSlab encodes rows [from, to) into one buffer, and stops between the rows of two
// records once there is no more room. It returns the number of rows that it
// encoded, and the bytes that they hold.
func (o *output) encodeSlab(b *row.Batch, changes []row.Change, from, to int, room int64) (taken int, held int64, refused []refusal) {
	slab := o.shelf.take(to - from)
	buf, records := slab.bytes, slab.records
	now := time.Now().UnixMilli()
	i := from
	for ; i < to; i++ {
		c := &changes[i]
		if int64(len(buf)+(i-from)*heldByRecord) > room && i > 0 && c.Position != changes[i-1].Position {
			break
		}
		s := &o.sinks[c.Query]
		timestamp, err := s.encoder.Timestamp(c)
		if err != nil {
			refused = append(refused, refusal{row: i, why: err})
			continue
		}
		var record *row.Record
		by := cause{offset: -1}
		if c.Cause >= 0 {
			record = b.Record(int(c.Cause))
			by = cause{record.TopicPartition, record.Offset}
		}
		r := &records[i-from]
		start, rest := len(buf), len(buf)
		if s.encoder.HasKey() {
			buf, rest = s.encoder.AppendKey(buf, c)
			r.Key = buf[start:len(buf):len(buf)]
		}
		r.Partition = s.encoder.Partition(buf[start:rest], record, s.partitions)
		if s.encoder.HasValue(c) {
			from := len(buf)
			buf = s.encoder.AppendValue(buf, c)
			r.Value = buf[from:len(buf):len(buf)]
		}
		r.Topic, r.Timestamp = s.topic, time.UnixMilli(timestamp)
		o.stamp(r, s.times, now)
		if !s.accepts(r, len(buf)-start) {
			refused = append(refused, refusal{row: i, why: o.tooLarge(r, by), tooLarge: true})
			*r, buf = kgo.Record{}, buf[:start]
			continue
		}
		o.kept, o.causes = append(o.kept, r), append(o.causes, by)
		if s.retention > 0 && !o.warned && time.Since(r.Timestamp) > s.retention {
			o.warned = true
			o.t.log.Warn("event time is older than the output topic's retention: Kafka will delete these rows",
				"topic", s.topic, "event_time", r.Timestamp.UTC(), "retention", s.retention)
		}
	}
	slab.bytes = buf
	o.t.stats.outputBytes.Add(int64(len(buf)))
	o.lent = append(o.lent, slab)
	return i - from, int64(len(buf) + (i-from)*heldByRecord), refused
}

// accepts reports whether the topic accepts a row whose key and value have n bytes.
func (s *sink) accepts(r *kgo.Record, n int) bool {
	const overhead = limits.BatchOverhead + 20 // at most, without headers
	return len(r.Headers) == 0 && n+overhead <= s.bytes || limits.BatchBytes(r) <= s.bytes
}

// tooLarge returns why a row is refused, and logs it for the first row of a topic.
func (o *output) tooLarge(r *kgo.Record, by cause) error {
	err := fmt.Errorf("a row with key %s is too large for topic %s: it makes a batch of %d bytes, and the topic accepts %d (max.message.bytes)",
		row.Excerpt(r.Key), r.Topic, limits.BatchBytes(r), o.limits.At(r.Topic).Bytes)
	if !o.refuses[r.Topic] {
		o.refuses[r.Topic] = true
		o.t.log.Warn("rows are too large for their topic; the records that caused them are written to the dead-letter topic instead", "error", err, "cause", by.String())
	}
	return err
}
