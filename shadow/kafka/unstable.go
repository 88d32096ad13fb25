package kafka

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"

	"parallax/processors/row"
	"parallax/shadow/evidence"
)

// inputEnds returns where the input ends as far as it is known. In a bounded run, which
// ends there, it notes the topic-partitions with an open transaction, and logs them. The
// end offsets are listed first: what comes in between must not look like a transaction.
func (t *Task) inputEnds(ctx context.Context) (map[row.TopicPartition]int64, error) {
	if !t.opt.UntilEnd {
		return t.member.lastStable(ctx, t.member.topics)
	}
	listed, err := complete(t.member.admin.ListEndOffsets(ctx, t.member.topics...))
	if err != nil {
		return nil, fmt.Errorf("list the end offsets: %w", err)
	}
	stable, err := t.member.lastStable(ctx, t.member.topics)
	if err != nil {
		return nil, err
	}
	listed.Each(func(o kadm.ListedOffset) {
		tp := row.TopicPartition{Topic: o.Topic, Partition: o.Partition}
		if last, ok := stable[tp]; ok && last < o.Offset {
			t.unstable = append(t.unstable, evidence.OpenTransaction{TopicPartition: tp, LastStable: last, End: o.Offset})
		}
	})
	slices.SortFunc(t.unstable, func(a, b evidence.OpenTransaction) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	for _, u := range t.unstable {
		t.log.Warn("a transaction is open in the input: the run ends before it, at the last stable offset; commit or abort the producer's transaction and run again to read the rest",
			"topic", u.Topic, "partition", u.Partition, "last stable offset", u.LastStable, "end offset", u.End)
	}
	return stable, nil
}

// OpenTransactions returns where a bounded run ended before an open transaction.
func (t *Task) OpenTransactions() []evidence.OpenTransaction { return t.unstable }
