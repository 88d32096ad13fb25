package kafka

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"

	"parallax/processors/row"
	"parallax/shadow/evidence"
)

// Bounds are the offsets at which a bounded run ends.
type Bounds struct {
	// ends are the last stable offsets when the run began.
	ends map[row.TopicPartition]int64
	// open are the topic-partitions that end before an open transaction.
	open []evidence.OpenTransaction
}

// Bounds returns where a bounded run ends; nil for a run without an end.
func (t *Task) Bounds() *Bounds { return t.bounds }

// OpenTransactions returns where a bounded run ended before an open transaction.
func (t *Task) OpenTransactions() []evidence.OpenTransaction {
	if t.bounds == nil {
		return nil
	}
	return t.bounds.open
}

// inputEnds returns the known ends of the input. A bounded run ends there.
func (t *Task) inputEnds(ctx context.Context) (map[row.TopicPartition]int64, error) {
	if !t.opt.UntilEnd {
		return t.member.LastStable(ctx, t.member.topics)
	}
	var err error
	if t.opt.Bounds != nil {
		t.bounds, err = t.reachable(ctx, t.opt.Bounds)
	} else {
		t.bounds, err = t.newBounds(ctx)
	}
	if err != nil {
		return nil, err
	}
	return t.bounds.ends, nil
}

// newBounds returns the present ends of the input, and logs the topic-partitions with an open
// transaction. The end offsets are listed before the last stable offsets: records that arrive in
// between must not look like an open transaction.
func (t *Task) newBounds(ctx context.Context) (*Bounds, error) {
	listed, err := t.member.Ends(ctx, t.member.topics)
	if err != nil {
		return nil, err
	}
	stable, err := t.member.LastStable(ctx, t.member.topics)
	if err != nil {
		return nil, err
	}
	b := &Bounds{ends: stable}
	listed.Each(func(o kadm.ListedOffset) {
		tp := row.TopicPartition{Topic: o.Topic, Partition: o.Partition}
		if last, ok := stable[tp]; ok && last < o.Offset {
			b.open = append(b.open, evidence.OpenTransaction{TopicPartition: tp, LastStable: last, End: o.Offset})
		}
	})
	slices.SortFunc(b.open, func(a, b evidence.OpenTransaction) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	for _, u := range b.open {
		t.log.Warn("a transaction is open in the input: the run ends before it, at the last stable offset; commit or abort the producer's transaction and run again to read the rest",
			"topic", u.Topic, "partition", u.Partition, "last stable offset", u.LastStable, "end offset", u.End)
	}
	return b, nil
}

// reachable returns the bounds that an earlier task of the run found. If Kafka has lost the last
// records of a topic-partition since, the run ends at its present end.
func (t *Task) reachable(ctx context.Context, found *Bounds) (*Bounds, error) {
	stable, err := t.member.LastStable(ctx, t.member.topics)
	if err != nil {
		return nil, err
	}
	b := &Bounds{ends: maps.Clone(found.ends), open: found.open}
	for tp, end := range found.ends {
		last, ok := stable[tp]
		if !ok || last >= end {
			continue
		}
		t.log.Warn("Kafka lost records at the end of a topic-partition; the run ends before them",
			"topic", tp.Topic, "partition", tp.Partition, "end", last, "end when the run began", end)
		b.ends[tp] = last
	}
	return b, nil
}
