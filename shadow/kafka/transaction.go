package kafka

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/kafka/cluster"
	"parallax/shadow/kafka/limits"
)

// attempts is how often a transaction is produced before the run gives up.
const attempts = 10

// producer is a transactional client. After an error a new one, with a new epoch, replaces it.
type producer struct {
	client *kgo.Client
	id     string // of its transactions
	open   bool   // a transaction is
	// alive ends when the producer can no longer be used, and end ends it, with the reason. Records are
	// produced in it.
	alive    context.Context
	end      context.CancelCauseFunc
	patience producePatience
	// mostRecords is the largest number of unacknowledged records that the client holds.
	mostRecords int64

	mu sync.Mutex
	// failure is the first error, failed the record that most likely caused it.
	failure error
	failed  *kgo.Record
	// refused is the size of the records that brokers refused as too large, alone or with the
	// batch that they were in.
	refused int

	letters letters
}

// mostBufferedBytes is the largest size of the records that the client holds.
const mostBufferedBytes = 256 << 20

func (o *output) newProducer() (*producer, error) {
	t := o.t
	id := "parallax-" + t.member.group + "-" + t.opt.Job
	opts := append([]kgo.Opt{
		kgo.TransactionalID(id),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(5 * time.Millisecond), // Flush sends what is left
		// A topic that was created a moment ago may not be known yet: with the
		// default of 5 s the first dead letter would hold V1 up that long.
		kgo.MetadataMinAge(100 * time.Millisecond),
		kgo.MaxBufferedRecords(1 << 18),
		kgo.MaxBufferedBytes(mostBufferedBytes),
		kgo.WithCompressor(o.compression),
		kgo.ProducerBatchMaxBytesFn(o.limits.BatchMax),
		kgo.TransactionTimeout(transactionTimeout),
	}, t.member.Options()...)
	p := &producer{id: id, patience: producePatience{log: t.log, most: t.cfg.Patience, reach: t.member.CheckReach}}
	p.alive, p.end = context.WithCancelCause(context.Background())
	opts = append(opts, kgo.WithHooks(&p.patience))
	var err error
	if p.client, err = kgo.NewClient(opts...); err != nil {
		return nil, fmt.Errorf("kafka client: %w", err)
	}
	p.mostRecords, _ = p.client.OptValue(kgo.MaxBufferedRecords).(int64)
	context.AfterFunc(t.held, func() { p.end(ErrAssignmentLost) })
	return p, nil
}

// takeOver gets a producer epoch before the group's offsets are read: an instance that died or
// hung in a commit cannot complete it any more, and its open transaction is aborted now and not
// after its timeout.
func (o *output) takeOver(ctx context.Context) error {
	if o.t.opt.NoOutput {
		return nil
	}
	var err error
	if o.producer, err = o.newProducer(); err != nil {
		return err
	}
	if _, _, err := o.producer.client.ProducerID(ctx); err != nil {
		return fmt.Errorf("take a producer epoch: %w", cluster.Lacking(err, "Write on transactional ID "+o.producer.id))
	}
	return nil
}

// done is called with the result of every record. The broker refuses a batch as a whole: done keeps
// the record that most likely caused it, not the first one.
func (p *producer) done(r *kgo.Record, err error) {
	if err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if isTooLarge(err) {
		p.refused += limits.BatchBytes(r)
	}
	if p.failed == nil || isSameError(err, p.failure) && blame(err, r) > blame(err, p.failed) {
		p.failure, p.failed = err, r
	}
}

// isSameError reports whether two errors have the same code.
func isSameError(a, b error) bool {
	var one, other *kerr.Error
	return isTooLarge(a) && isTooLarge(b) || errors.As(a, &one) && errors.As(b, &other) && one.Code == other.Code
}

// blame ranks records of a batch that a broker refused by how likely they caused the error; 0 if
// the error does not depend on a record.
func blame(err error, r *kgo.Record) int64 {
	switch {
	case isTooLarge(err):
		return int64(size(r))
	case errors.Is(err, kerr.InvalidTimestamp): // the furthest from the broker's time
		return time.Since(r.Timestamp).Abs().Milliseconds()
	case errors.Is(err, kerr.InvalidRecord) && r.Key == nil: // in a compacted topic
		return 1
	}
	return 0
}

func size(r *kgo.Record) int { return len(r.Key) + len(r.Value) }

// produced returns the first error of a record of the open transaction. The error names the
// record's topic-partition and its cause.
func (o *output) produced() error {
	p := o.producer
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.failed
	if r == nil {
		return nil
	}
	by := cause{offset: -1}
	if i := slices.Index(o.kept, r); i >= 0 {
		by = o.causes[i]
	}
	return fmt.Errorf("produce to %s/%d the output of %s, %d bytes with key %s: %w", r.Topic, r.Partition, by, size(r), row.Excerpt(r.Key), cluster.Lacking(p.failure, "Write on topic "+r.Topic))
}

// blamed returns the record that most likely caused the failure, nil for none, and the refused
// size.
func (p *producer) blamed() (failed *kgo.Record, refused int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed, p.refused
}

// abort aborts the open transaction, if there is one.
func (p *producer) abort(ctx context.Context) error {
	if !p.open {
		return nil
	}
	p.open = false
	if err := p.client.AbortBufferedRecords(ctx); err != nil {
		return fmt.Errorf("abort: %w", err)
	}
	if err := p.client.EndTransaction(ctx, kgo.TryAbort); err != nil {
		return fmt.Errorf("abort: %w", err)
	}
	return nil
}

// produce sends records into the open transaction, which it opens.
func (o *output) produce(ctx context.Context, records []*kgo.Record) error {
	if len(records) == 0 {
		return nil
	}
	if o.producer == nil {
		var err error
		if o.producer, err = o.newProducer(); err != nil {
			return err
		}
	}
	p := o.producer
	if !p.open {
		if err := p.client.BeginTransaction(); err != nil {
			return fmt.Errorf("begin transaction: %w", err)
		}
		p.open = true
	}
	for len(records) > 0 {
		rows := slices.IndexFunc(records, func(r *kgo.Record) bool { return len(r.Headers) > 0 && isLetter(r) })
		if rows < 0 {
			rows = len(records)
		}
		if err := o.produceRows(ctx, p, records[:rows]); err != nil {
			return err
		}
		if records = records[rows:]; len(records) > 0 {
			if err := o.produceLetter(ctx, p, records[0]); err != nil {
				return err
			}
			records = records[1:]
		}
	}
	return nil
}

// produceRows gives records to the client. It waits while the client holds as many as it may.
func (o *output) produceRows(ctx context.Context, p *producer, records []*kgo.Record) error {
	mayWait := int64(len(o.kept)) > p.mostRecords || o.held > mostBufferedBytes
	if !mayWait { // the client holds no more than the transaction has
		for _, r := range records {
			p.client.Produce(p.alive, r, p.done)
		}
		return nil
	}
	defer context.AfterFunc(ctx, func() { p.end(context.Cause(ctx)) })()
	return p.awaitBrokers(ctx, func(context.Context) error {
		for _, r := range records {
			p.client.Produce(p.alive, r, p.done)
		}
		return nil
	})
}

// Commit ends the open transaction. It returns nil once the transaction is known to have
// committed: if it aborted, or its result is not known, its records are produced again.
func (t *Task) Commit(ctx context.Context) error {
	o := t.out
	if t.replay != nil && !o.advanced && len(o.kept) == 0 {
		return nil // what was replayed has committed before
	}
	note := o.note()
	if err := o.produceJournal(ctx); err != nil {
		return err
	}
	if len(o.kept) == 0 {
		// Nothing but offsets: they need no transaction, and committing them twice
		// is committing them once.
		if err := t.member.commitOffsets(ctx, o.t.lost, o.byTopic(), note, nil); err != nil {
			return err
		}
		return o.committed()
	}
	for attempt := 1; ; attempt++ {
		err := o.end(ctx, note)
		if err == nil {
			return o.committed()
		}
		if isFinal(err) || attempt == attempts || ctx.Err() != nil {
			return err
		}
		if err := t.isLost(); err != nil {
			return err // a new epoch would only disturb the instance that has it now
		}
		t.log.Warn("a transaction did not commit; its records are produced again", "attempt", attempt, "error", err)
		failed, refused := o.producer.blamed()
		done, renewed := o.renew(ctx, note)
		if renewed != nil {
			return renewed
		}
		if done {
			return o.committed()
		}
		if isTooLarge(err) && failed != nil {
			if err := o.refit(ctx, failed, refused); err != nil {
				return err
			}
		}
		t.stats.reproduced.Add(1)
		if err := o.again(ctx); err != nil {
			return err
		}
	}
}

// committed releases what the transaction held.
func (o *output) committed() error {
	o.t.journal.committed(o.kept, o.recordsStage)
	o.committedTo = o.position
	clear(o.kept)
	o.kept, o.causes, o.held = o.kept[:0], o.causes[:0], 0
	o.shelf.give(o.lent)
	clear(o.lent)
	o.lent = o.lent[:0]
	o.number++
	o.flush, o.recordsStage = false, false
	o.t.stats.committed.Add(1)
	o.t.publish()
	return nil
}

// end tries to commit. After an error it is not known whether it did.
func (o *output) end(ctx context.Context, note string) error {
	p := o.producer
	if err := p.flush(ctx); err != nil {
		return err
	}
	if err := o.produced(); err != nil {
		return err
	}
	if err := o.t.member.commitOffsets(ctx, o.t.lost, o.byTopic(), note, p); err != nil {
		return err
	}
	if err := p.client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return fmt.Errorf("end transaction: %w", err)
	}
	p.open = false
	return nil
}

// renew replaces a producer that failed by one with a new epoch. The new epoch aborts the open
// transaction, or waits until its commit is complete. The note on the committed offsets says
// which of the two happened.
func (o *output) renew(ctx context.Context, note string) (committed bool, err error) {
	o.producer.client.Close()
	clear(o.lent) // the old client may still look at it
	o.lent = o.lent[:0]
	if o.producer, err = o.newProducer(); err != nil {
		return false, err
	}
	if _, _, err := o.producer.client.ProducerID(ctx); err != nil {
		return false, fmt.Errorf("take a new producer epoch: %w", cluster.Lacking(err, "Write on transactional ID "+o.producer.id))
	}
	at, err := o.t.member.committed(ctx)
	if err != nil {
		return false, err
	}
	for _, c := range at {
		if c.note == note {
			return true, nil
		}
	}
	return false, nil
}

// again produces the transaction's records once more: the same bytes.
func (o *output) again(ctx context.Context) error {
	for i, r := range o.kept {
		o.kept[i] = &kgo.Record{
			Topic: r.Topic, Partition: r.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: r.Timestamp,
		}
	}
	return o.produce(ctx, o.kept)
}

func (o *output) byTopic() marks {
	m := marks{}
	o.ends.All(func(tp row.TopicPartition, e *inputEnd) {
		if m[tp.Topic] == nil {
			m[tp.Topic] = map[int32]mark{}
		}
		m[tp.Topic][tp.Partition] = mark{e.next, o.t.parts[tp].epoch.Load()}
	})
	return m
}
