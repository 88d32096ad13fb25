// Package plainloop is the minimal transactional job on Kafka: poll, copy each record to an
// output topic or, with Work, write the rows made from the records, and end the
// transaction. Runs with a broker are compared with it; it has no other use.
//
// Stability: ours.
package plainloop

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Loop configures a run of the loop.
type Loop struct {
	Brokers []string
	// Out is created with the partitions of In.
	In, Out string
	// Group is the consumer group; it must not have offsets.
	Group string
	// Transaction is the number of records in a transaction.
	Transaction int
	// Work makes rows of the values of each poll, and End makes the remaining rows at the
	// end of the input. They call row for each row, whose bytes are copied. Rows go to
	// partition 0. If Work is nil, records are copied.
	Work func(values [][]byte, row func(key, value []byte)) error
	End  func(row func(key, value []byte))
}

// Result describes the work of a loop.
type Result struct {
	Records, Rows, Transactions int64
	// Took is the time from the first polled records to the last commit.
	Took time.Duration
}

// Run processes the current contents of the input topic.
func (l Loop) Run(ctx context.Context) (Result, error) {
	var r Result
	s, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(l.Brokers...), kgo.ConsumerGroup(l.Group), kgo.ConsumeTopics(l.In), kgo.TransactionalID(l.Group+"-txn"),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.MaxBufferedRecords(1<<18),
	)
	if err != nil {
		return r, err
	}
	defer s.Close()
	total, err := l.prepare(ctx, kadm.NewClient(s.Client()))
	if err != nil {
		return r, err
	}
	w := l.writer(ctx, s, &r)
	var start time.Time
	for r.Records < total {
		if err := s.Begin(); err != nil {
			return r, fmt.Errorf("begin: %w", err)
		}
		for taken := 0; taken < l.Transaction && r.Records < total; {
			fetches := s.PollRecords(ctx, l.Transaction-taken)
			if err := fetches.Err(); err != nil {
				return r, fmt.Errorf("poll %s: %w", l.In, err)
			}
			if start.IsZero() {
				start = time.Now()
			}
			n, err := w.take(fetches)
			if err != nil {
				return r, err
			}
			taken += n
		}
		if r.Records >= total && l.End != nil {
			l.End(w.row)
		}
		if ok, err := s.End(ctx, kgo.TryCommit); err != nil || !ok {
			return r, fmt.Errorf("transaction: committed %v, %w", ok, err)
		}
		r.Transactions++
	}
	r.Took = time.Since(start)
	return r, nil
}

// prepare creates the output topic and counts the records.
func (l Loop) prepare(ctx context.Context, admin *kadm.Client) (total int64, err error) {
	ends, err := admin.ListEndOffsets(ctx, l.In)
	if err != nil {
		return 0, fmt.Errorf("list the offsets of %s: %w", l.In, err)
	}
	partitions := int32(0)
	ends.Each(func(o kadm.ListedOffset) {
		total += o.Offset
		partitions++
	})
	keep := map[string]*string{"retention.ms": kadm.StringPtr("-1")}
	if _, err := admin.CreateTopic(ctx, partitions, -1, keep, l.Out); err != nil {
		return 0, fmt.Errorf("create %s: %w", l.Out, err)
	}
	return total, nil
}
