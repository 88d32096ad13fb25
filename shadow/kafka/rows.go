package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// hasRows reports whether a topic has records that are committed. Offsets do not tell:
// what a run left behind that ended before its first commit takes offsets, too.
func (c *cluster) hasRows(ctx context.Context, topic string) (bool, error) {
	begins, err := c.admin.ListStartOffsets(ctx, topic)
	if err == nil {
		err = begins.Error()
	}
	ends := kadm.ListedOffsets{}
	if err == nil {
		ends, err = c.stableEnds(ctx, topic)
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
	return c.readsRow(ctx, map[string]map[int32]kgo.Offset{topic: from}, left)
}

const (
	// settling is how long a transaction may take to end after its producer was told so:
	// the broker answers before it has written the markers.
	settling = 5 * time.Second
	// lookEvery is how often that is checked.
	lookEvery = 50 * time.Millisecond
)

// stableEnds lists the last stable offsets of a topic, once no transaction is open
// there, or after settling: a transaction that is open for longer has not been committed.
func (c *cluster) stableEnds(ctx context.Context, topic string) (kadm.ListedOffsets, error) {
	enough := time.NewTimer(settling)
	defer enough.Stop()
	for {
		ends, err := c.admin.ListEndOffsets(ctx, topic)
		if err == nil {
			err = ends.Error()
		}
		if err != nil {
			return nil, err
		}
		stable, err := c.admin.ListCommittedOffsets(ctx, topic)
		if err == nil {
			err = stable.Error()
		}
		isOpen := false
		ends.Each(func(end kadm.ListedOffset) {
			at, ok := stable.Lookup(topic, end.Partition)
			isOpen = isOpen || ok && at.Offset < end.Offset
		})
		if err != nil || !isOpen {
			return stable, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-enough.C:
			return stable, nil
		case <-time.After(lookEvery):
		}
	}
}

// readsRow reads partitions of a topic up to where they end, or to the first record.
func (c *cluster) readsRow(ctx context.Context, from map[string]map[int32]kgo.Offset, left map[int32]int64) (bool, error) {
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.ConsumePartitions(from), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxBytes(1 << 20),
	}, c.base...)...)
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
