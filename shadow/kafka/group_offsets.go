package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/processors/row"
	"parallax/shadow/kafka/cluster"
)

// forget deletes the group's offsets, so that the job begins again.
func (m *member) forget(ctx context.Context) error {
	_, err := m.Admin().DeleteGroup(ctx, m.group)
	switch {
	case err == nil, errors.Is(err, kerr.GroupIDNotFound):
		return nil
	case errors.Is(err, kerr.NonEmptyGroup):
		return fmt.Errorf("--from-start: another member of group %s is active; stop it first", m.group)
	}
	return fmt.Errorf("--from-start: delete the offsets of group %s: %w", m.group, err)
}

// committedAt is an offset that the group has committed, with the note in its metadata.
type committedAt struct {
	mark
	note string
}

// mark is an offset with the leader epoch of the last record before it, -1 if that is not known.
// With the epoch a broker can detect that records before the offset were lost.
type mark struct {
	offset int64
	epoch  int32
}

// marks are offsets by topic and partition.
type marks map[string]map[int32]mark

// lastGeneration returns the newest generation in the notes on the group's offsets, 0 for none.
// It does not wait for transactions whose result is not known.
func (m *member) lastGeneration(ctx context.Context) (last int64, err error) {
	fetched, err := cluster.Complete(m.Admin().FetchOffsets(ctx, m.group))
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return 0, fmt.Errorf("fetch the offsets of group %s: %w", m.group, m.lackingOfGroup(err))
	}
	fetched.Each(func(o kadm.OffsetResponse) {
		if n, err := ParseNote(o.Metadata); err == nil {
			last = max(last, n.Generation)
		}
	})
	return last, nil
}

// lackingOfGroup names the right that a request about the group lacks. The brokers also refuse the offsets of topics
// that the job may not read, but such a job was refused before, when it looked for its topics.
func (m *member) lackingOfGroup(err error) error {
	return cluster.Lacking(err, "Read on group "+m.group)
}

// stableFetch sends one OffsetFetch that fails while the result of a transaction is not known
// (RequireStable).
func (m *member) stableFetch(ctx context.Context) (kadm.OffsetResponses, error) {
	return cluster.Complete(m.Admin().FetchOffsets(kadm.RequireStable(ctx), m.group))
}

// committed fetches the group's offsets. It waits for transactions whose result is not known:
// with older offsets their records would be processed twice.
func (m *member) committed(ctx context.Context) (map[row.TopicPartition]committedAt, error) {
	fetched, err := m.stableFetch(ctx)
	for pause := 5 * time.Millisecond; errors.Is(err, kerr.UnstableOffsetCommit); pause = min(2*pause, time.Second) {
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("fetch the offsets of group %s: %w (%w)", m.group, err, ctx.Err())
		case <-time.After(pause):
		}
		fetched, err = m.stableFetch(ctx)
	}
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return nil, fmt.Errorf("fetch the offsets of group %s: %w", m.group, m.lackingOfGroup(err))
	}
	out := map[row.TopicPartition]committedAt{}
	fetched.Each(func(o kadm.OffsetResponse) {
		if o.At >= 0 {
			out[row.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = committedAt{mark{o.At, o.LeaderEpoch}, o.Metadata}
		}
	})
	return out, nil
}

// commitOffsets commits the offsets of processed records, by topic and partition, with a note: in
// p's transaction, or at once if p is nil. After a rebalance that does not change the assignment
// it tries again with the new generation of the group.
func (m *member) commitOffsets(ctx context.Context, lost <-chan struct{}, offsets marks, note string, p *producer) error {
	ctx, cancel := context.WithTimeout(ctx, rebalancePatience)
	defer cancel()
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		select {
		case <-lost:
			return ErrAssignmentLost
		default:
		}
		var err error
		if p != nil {
			err = m.offsetsInTransaction(ctx, offsets, note, p)
		} else {
			err = m.offsetsAtOnce(ctx, offsets, note)
		}
		if err == nil || !isWaitable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("commit offsets of group %s: %w (%w)", m.group, err, ctx.Err())
		case <-lost:
			return ErrAssignmentLost
		case <-time.After(pause):
		}
	}
}

// offsetsInTransaction adds the offsets to p's transaction.
func (m *member) offsetsInTransaction(ctx context.Context, offsets marks, note string, p *producer) error {
	id, epoch, err := p.client.ProducerID(ctx)
	if err != nil {
		return fmt.Errorf("producer id: %w", cluster.Lacking(err, "Write on transactional ID "+p.id))
	}
	add := kmsg.NewPtrAddOffsetsToTxnRequest()
	add.TransactionalID = p.id
	add.ProducerID, add.ProducerEpoch, add.Group = id, epoch, m.group
	added, err := add.RequestWith(ctx, p.client)
	if err == nil {
		err = kerr.ErrorForCode(added.ErrorCode)
	}
	if err != nil {
		return fmt.Errorf("add offsets to the transaction: %w", m.lackingOfGroup(err))
	}
	member, generation := m.consumer.GroupMetadata()
	req := kmsg.NewPtrTxnOffsetCommitRequest()
	req.TransactionalID, req.Group = add.TransactionalID, m.group
	req.ProducerID, req.ProducerEpoch = id, epoch
	req.MemberID, req.Generation = member, generation
	for topic, partitions := range offsets {
		t := kmsg.NewTxnOffsetCommitRequestTopic()
		t.Topic, t.TopicID = topic, m.sources[topic].ID
		for partition, at := range partitions {
			tp := kmsg.NewTxnOffsetCommitRequestTopicPartition()
			tp.Partition, tp.Offset, tp.LeaderEpoch, tp.Metadata = partition, at.offset, at.epoch, &note
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
				return fmt.Errorf("commit the offset of %s/%d in the transaction: %w", t.Topic, tp.Partition, m.lackingOfGroup(err))
			}
		}
	}
	return nil
}

// offsetsAtOnce commits the offsets outside any transaction.
func (m *member) offsetsAtOnce(ctx context.Context, offsets marks, note string) error {
	member, generation := m.consumer.GroupMetadata()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group, req.MemberID, req.Generation = m.group, member, generation
	for topic, partitions := range offsets {
		t := kmsg.NewOffsetCommitRequestTopic()
		t.Topic, t.TopicID = topic, m.sources[topic].ID
		for partition, at := range partitions {
			tp := kmsg.NewOffsetCommitRequestTopicPartition()
			tp.Partition, tp.Offset, tp.LeaderEpoch, tp.Metadata = partition, at.offset, at.epoch, &note
			t.Partitions = append(t.Partitions, tp)
		}
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, m.consumer)
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
