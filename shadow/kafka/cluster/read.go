package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// HasRows reports whether a topic has committed records. It reads the topic, because records of
// aborted transactions take offsets, too.
func (c *Cluster) HasRows(ctx context.Context, topic string) (bool, error) {
	begins, err := Complete(c.admin.ListStartOffsets(ctx, topic))
	ends := kadm.ListedOffsets{}
	if err == nil {
		ends, err = c.stableEnds(ctx, topic)
	}
	if err != nil {
		return false, fmt.Errorf("list the offsets of %s: %w", topic, Lacking(err, "Read on topic "+topic))
	}
	from, to := map[int32]int64{}, map[int32]int64{}
	begins.Each(func(o kadm.ListedOffset) { from[o.Partition] = o.Offset })
	ends.Each(func(o kadm.ListedOffset) { to[o.Partition] = o.Offset })
	found := false
	err = c.Read(ctx, topic, from, to, func(*kgo.Record) bool {
		found = true
		return false
	}, kgo.FetchMaxBytes(1<<20))
	return found, err
}

const (
	// settling is how long a transaction may take to end after its producer got the answer:
	// the broker answers before it has written the markers.
	settling = 5 * time.Second
	// lookEvery is the interval of checking that.
	lookEvery = 50 * time.Millisecond
)

// stableEnds lists the last stable offsets of a topic as soon as it has no open transaction, or
// after settling: a transaction that stays open has not been committed.
func (c *Cluster) stableEnds(ctx context.Context, topic string) (kadm.ListedOffsets, error) {
	enough := time.NewTimer(settling)
	defer enough.Stop()
	for {
		ends, err := Complete(c.admin.ListEndOffsets(ctx, topic))
		if err != nil {
			return nil, err
		}
		stable, err := Complete(c.admin.ListCommittedOffsets(ctx, topic))
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

// Read calls take with the committed records of a topic until take returns false. Of each partition
// it reads the records from the offset in from to before the offset in to.
func (c *Cluster) Read(ctx context.Context, topic string, from, to map[int32]int64, take func(*kgo.Record) bool, opts ...kgo.Opt) error {
	begins, left := map[int32]kgo.Offset{}, map[int32]int64{} // left: of the partitions that are not read yet
	for partition, end := range to {
		if begin, ok := from[partition]; ok && begin < end {
			begins[partition], left[partition] = kgo.NewOffset().At(begin), end
		}
	}
	if len(left) == 0 {
		return nil
	}
	opts = append(opts, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: begins}), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	client, err := kgo.NewClient(append(opts, c.options...)...)
	if err != nil {
		return fmt.Errorf("kafka client: %w", err)
	}
	defer client.Close()
	next := maps.Clone(from)
	for len(left) > 0 {
		waiting, cancel := context.WithTimeout(ctx, drainAfter)
		fetches := client.PollFetches(waiting)
		isIdle := waiting.Err() != nil && fetches.NumRecords() == 0
		cancel()
		if err := ctx.Err(); err != nil {
			return err
		}
		if isIdle { // compaction may have removed the last records
			drained, _ := Drained(ctx, client, topic, next, left) // an error lasts as long as the wait
			for _, partition := range drained {
				delete(left, partition)
			}
			continue
		}
		for _, f := range fetches.Errors() {
			if f.Err != nil && !errors.Is(f.Err, context.Canceled) && !errors.Is(f.Err, context.DeadlineExceeded) {
				return fmt.Errorf("read %s/%d: %w", f.Topic, f.Partition, Lacking(f.Err, "Read on topic "+f.Topic))
			}
		}
		for records := fetches.RecordIter(); !records.Done(); {
			r := records.Next()
			if !r.Attrs.IsControl() && r.Offset < left[r.Partition] && !take(r) {
				return nil
			}
			next[r.Partition] = r.Offset + 1
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		}
	}
	return nil
}
