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
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/processors/row"
)

// finishedNote ends the note on offsets whose windows were flushed: nothing can
// go on from there.
const finishedNote = " finished"

// attempts is how often a transaction is produced before the run gives up.
const attempts = 10

// producer is a transactional client. It serves until something goes wrong with
// it; then a new one, with a new epoch, takes its place.
type producer struct {
	client *kgo.Client
	open   bool // a transaction is

	mu sync.Mutex
	// failure is the first error, failed the record to blame for it.
	failure error
	failed  *kgo.Record
	// refused are the bytes of the records that their topics found too large, or the
	// batches that they were in.
	refused int

	letters letters
}

func (o *output) newProducer() (*producer, error) {
	t := o.t
	opts := append([]kgo.Opt{
		kgo.TransactionalID("parallax-" + t.cfg.Group + "-" + t.opt.Job),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(5 * time.Millisecond), // Flush sends what is left
		// A topic that was created a moment ago may not be known yet: with the
		// default of 5 s the first dead letter would hold V1 up that long.
		kgo.MetadataMinAge(100 * time.Millisecond),
		kgo.MaxBufferedRecords(1 << 18),
		kgo.MaxBufferedBytes(256 << 20),
		kgo.WithCompressor(o.compression),
		kgo.ProducerBatchMaxBytesFn(o.limits.batchMax),
		kgo.TransactionTimeout(time.Minute),
	}, t.base...)
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, fmt.Errorf("kafka client: %w", err)
	}
	return &producer{client: client}, nil
}

// takeOver takes a producer epoch before the group's offsets are looked at: an
// instance that died or hung in the middle of a commit cannot end it any more,
// and what it left open is aborted now, not when its time is up.
func (o *output) takeOver(ctx context.Context) error {
	if o.t.opt.NoOutput {
		return nil
	}
	var err error
	if o.producer, err = o.newProducer(); err != nil {
		return err
	}
	if _, _, err := o.producer.client.ProducerID(ctx); err != nil {
		return fmt.Errorf("take a producer epoch: %w", err)
	}
	return nil
}

// done is the promise of every record. The broker refuses a batch as a whole: of its
// records the one that is most to blame is kept, not the one that stands first.
func (p *producer) done(r *kgo.Record, err error) {
	if err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if isTooLarge(err) {
		p.refused += batchBytes(r)
	}
	if p.failed == nil || isSameError(err, p.failure) && blame(err, r) > blame(err, p.failed) {
		p.failure, p.failed = err, r
	}
}

// isSameError reports whether the broker gave the same error twice.
func isSameError(a, b error) bool {
	var one, other *kerr.Error
	return isTooLarge(a) && isTooLarge(b) || errors.As(a, &one) && errors.As(b, &other) && one.Code == other.Code
}

// blame is how likely a record is the one that the broker refused a batch for, among
// those with the same error; 0 where the error says nothing of its records.
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

// produced returns the first error of a record of the open transaction, which it
// names by where it goes and what made it.
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
	return fmt.Errorf("produce to %s/%d what %s made, %d bytes with key %s: %w", r.Topic, r.Partition, by, size(r), row.Excerpt(r.Key), p.failure)
}

// blamed returns the record that produced blames, nil for none, and how many bytes
// were too large.
func (p *producer) blamed() (failed *kgo.Record, refused int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed, p.refused
}

// abort ends what is open.
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
	for _, r := range records {
		if len(r.Headers) == 0 || !isLetter(r) {
			p.client.Produce(ctx, r, p.done)
		} else if err := o.produceLetter(ctx, p, r); err != nil {
			return err
		}
	}
	return nil
}

// Commit ends the open transaction. It returns nil once that is known to have
// committed: what aborted, or may have, is produced again.
func (t *Task) Commit(ctx context.Context) error {
	o := t.out
	note := fmt.Sprintf("parallax run=%s txn=%d", o.run, o.number)
	if o.flush {
		note += finishedNote
	}
	if len(o.kept) == 0 {
		// Nothing but offsets: they need no transaction, and committing them twice
		// is committing them once.
		if err := o.commitOffsets(ctx, note, nil); err != nil {
			return err
		}
		return o.committed()
	}
	for attempt := 1; ; attempt++ {
		err := o.end(ctx, note)
		if err == nil {
			return o.committed()
		}
		if final(err) || attempt == attempts || ctx.Err() != nil {
			return err
		}
		if err := t.isLost(); err != nil {
			return err // a new epoch would only disturb the instance that has it now
		}
		t.log.Warn("a transaction did not commit; it is produced again", "attempt", attempt, "error", err)
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

// committed forgets what the transaction held.
func (o *output) committed() error {
	clear(o.kept)
	o.kept, o.causes, o.held = o.kept[:0], o.causes[:0], 0
	o.shelf.give(o.lent)
	clear(o.lent)
	o.lent = o.lent[:0]
	o.number++
	o.flush = false
	o.t.stats.committed.Add(1)
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
	if err := o.commitOffsets(ctx, note, p); err != nil {
		return err
	}
	if err := p.client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return fmt.Errorf("end transaction: %w", err)
	}
	p.open = false
	return nil
}

// renew replaces a producer that failed by one with a new epoch, which aborts
// what the old one had open, or waits until its commit is through. The note on
// the committed offsets then tells which it was.
func (o *output) renew(ctx context.Context, note string) (committed bool, err error) {
	o.producer.client.Close()
	clear(o.lent) // the old client may still look at it
	o.lent = o.lent[:0]
	if o.producer, err = o.newProducer(); err != nil {
		return false, err
	}
	if _, _, err := o.producer.client.ProducerID(ctx); err != nil {
		return false, fmt.Errorf("take a new producer epoch: %w", err)
	}
	at, err := o.t.committed(ctx)
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

// final reports whether producing again cannot help.
func final(err error) bool {
	for _, hopeless := range []error{
		ErrAssignmentLost, kerr.InvalidRecord, kerr.InvalidTimestamp,
		kerr.TopicAuthorizationFailed, kerr.GroupAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed,
		kerr.InvalidTopicException, kerr.FencedInstanceID,
	} {
		if errors.Is(err, hopeless) {
			return true
		}
	}
	return false
}

// rebalancePatience bounds how long a commit waits for the group to settle.
const rebalancePatience = 30 * time.Second

// commitOffsets commits the offsets of the processed records, with a note: in
// p's transaction, or, without one, at once. A rebalance that leaves the
// assignment where it is only means a new generation.
func (o *output) commitOffsets(ctx context.Context, note string, p *producer) error {
	ctx, cancel := context.WithTimeout(ctx, rebalancePatience)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		if err := o.t.isLost(); err != nil {
			return err
		}
		var err error
		if p != nil {
			err = o.offsetsInTransaction(ctx, note, p)
		} else {
			err = o.offsetsAtOnce(ctx, note)
		}
		if err == nil || !waitable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("commit offsets of group %s: %w (%w)", o.t.cfg.Group, err, ctx.Err())
		case <-o.t.lost:
			return ErrAssignmentLost
		case <-time.After(pause):
		}
	}
}

// waitable reports whether the same request may succeed in a moment.
func waitable(err error) bool {
	for _, w := range []error{
		kerr.IllegalGeneration, kerr.RebalanceInProgress, kerr.UnknownMemberID, kerr.CoordinatorLoadInProgress,
		kerr.CoordinatorNotAvailable, kerr.NotCoordinator, kerr.ConcurrentTransactions,
	} {
		if errors.Is(err, w) {
			return true
		}
	}
	return false
}

// offsetsInTransaction adds the offsets to p's transaction.
func (o *output) offsetsInTransaction(ctx context.Context, note string, p *producer) error {
	id, epoch, err := p.client.ProducerID(ctx)
	if err != nil {
		return fmt.Errorf("producer id: %w", err)
	}
	add := kmsg.NewPtrAddOffsetsToTxnRequest()
	add.TransactionalID = "parallax-" + o.t.cfg.Group + "-" + o.t.opt.Job
	add.ProducerID, add.ProducerEpoch, add.Group = id, epoch, o.t.cfg.Group
	added, err := add.RequestWith(ctx, p.client)
	if err == nil {
		err = kerr.ErrorForCode(added.ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("add offsets to the transaction: %w", err)
	}
	member, generation := o.t.consumer.GroupMetadata()
	req := kmsg.NewPtrTxnOffsetCommitRequest()
	req.TransactionalID, req.Group = add.TransactionalID, o.t.cfg.Group
	req.ProducerID, req.ProducerEpoch = id, epoch
	req.MemberID, req.Generation = member, generation
	for topic, partitions := range o.byTopic() {
		t := kmsg.NewTxnOffsetCommitRequestTopic()
		t.Topic, t.TopicID = topic, o.t.topicIDs[topic]
		for partition, offset := range partitions {
			tp := kmsg.NewTxnOffsetCommitRequestTopicPartition()
			tp.Partition, tp.Offset, tp.Metadata = partition, offset, &note
			t.Partitions = append(t.Partitions, tp)
		}
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, p.client)
	if err != nil {
		return fmt.Errorf("commit offsets in the transaction: %w", err)
	}
	for _, t := range resp.Topics {
		for _, tp := range t.Partitions {
			if err := kerr.ErrorForCode(tp.ErrorCode); err != nil {
				return fmt.Errorf("commit the offset of %s/%d in the transaction: %w", t.Topic, tp.Partition, err)
			}
		}
	}
	return nil
}

// offsetsAtOnce commits the offsets outside any transaction.
func (o *output) offsetsAtOnce(ctx context.Context, note string) error {
	member, generation := o.t.consumer.GroupMetadata()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.MemberID, req.Generation = o.t.cfg.Group, member, generation
	for topic, partitions := range o.byTopic() {
		t := kmsg.NewOffsetCommitRequestTopic()
		t.Topic, t.TopicID = topic, o.t.topicIDs[topic]
		for partition, offset := range partitions {
			tp := kmsg.NewOffsetCommitRequestTopicPartition()
			tp.Partition, tp.Offset, tp.Metadata = partition, offset, &note
			t.Partitions = append(t.Partitions, tp)
		}
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, o.t.consumer)
	if err != nil {
		return fmt.Errorf("commit offsets: %w", err)
	}
	for _, t := range resp.Topics {
		for _, tp := range t.Partitions {
			if err := kerr.ErrorForCode(tp.ErrorCode); err != nil {
				return fmt.Errorf("commit the offset of %s/%d: %w", t.Topic, tp.Partition, err)
			}
		}
	}
	return nil
}

func (o *output) byTopic() map[string]map[int32]int64 {
	m := map[string]map[int32]int64{}
	o.offsets.All(func(tp row.TopicPartition, offset *int64) {
		if m[tp.Topic] == nil {
			m[tp.Topic] = map[int32]int64{}
		}
		m[tp.Topic][tp.Partition] = *offset
	})
	return m
}
