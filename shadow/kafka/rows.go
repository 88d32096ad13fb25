package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// hasRows reports whether a topic has records that are committed. Offsets do not tell:
// what a run left behind that ended before its first commit takes offsets, too.
func (t *Task) hasRows(ctx context.Context, topic string) (bool, error) {
	begins, err := t.admin.ListStartOffsets(ctx, topic)
	if err == nil {
		err = begins.Error()
	}
	ends := kadm.ListedOffsets{}
	if err == nil {
		ends, err = t.admin.ListCommittedOffsets(ctx, topic)
	}
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return false, fmt.Errorf("list the offsets of %s: %w", topic, err)
	}
	left := map[int32]int64{} // where the partitions end that are not read yet
	from := map[int32]kgo.Offset{}
	ends.Each(func(end kadm.ListedOffset) {
		if begin, ok := begins.Lookup(topic, end.Partition); ok && end.Offset > begin.Offset {
			left[end.Partition] = end.Offset
			from[end.Partition] = kgo.NewOffset().At(begin.Offset)
		}
	})
	if len(left) == 0 {
		return false, nil
	}
	return t.readsRow(ctx, map[string]map[int32]kgo.Offset{topic: from}, left)
}

// readsRow reads partitions of a topic up to where they end, or to the first record.
func (t *Task) readsRow(ctx context.Context, from map[string]map[int32]kgo.Offset, left map[int32]int64) (bool, error) {
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.ConsumePartitions(from), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxBytes(1 << 20),
	}, t.base...)...)
	if err != nil {
		return false, fmt.Errorf("kafka client: %w", err)
	}
	defer client.Close()
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			return false, err
		}
		for _, f := range fetches.Errors() {
			if f.Err != nil && !errors.Is(f.Err, context.Canceled) {
				return false, fmt.Errorf("read %s/%d: %w", f.Topic, f.Partition, f.Err)
			}
		}
		for records := fetches.RecordIter(); !records.Done(); {
			r := records.Next()
			if !r.Attrs.IsControl() && r.Offset < left[r.Partition] {
				return true, nil
			}
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		}
	}
	return false, nil
}
