// Command plainloop is the least that a transactional job on Kafka can do: poll,
// copy each record to an output topic, end the transaction. Its figure stands
// beside that of parallax run on the same broker and topic.
//
//	go run ./hack/plainloop -brokers 127.0.0.1:19092 -in market_data -out plain -group plain
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	brokers := flag.String("brokers", "127.0.0.1:19092", "brokers, separated by commas")
	in := flag.String("in", "market_data", "topic to read")
	out := flag.String("out", "plain", "topic to write; created with the partitions of -in")
	group := flag.String("group", "plain", "consumer group")
	size := flag.Int("transaction", 20_000, "records a transaction")
	flag.Parse()
	n, took, err := loop(context.Background(), strings.Split(*brokers, ","), *in, *out, *group, *size)
	if err != nil {
		fmt.Fprintln(os.Stderr, "plainloop:", err)
		os.Exit(2)
	}
	fmt.Printf("%d records in %.2fs: %.0f records/s, %d records a transaction\n", n, took.Seconds(), float64(n)/took.Seconds(), *size)
}

func loop(ctx context.Context, brokers []string, in, out, group string, size int) (n int64, took time.Duration, err error) {
	start := time.Now()
	s, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(brokers...), kgo.ConsumerGroup(group), kgo.ConsumeTopics(in), kgo.TransactionalID(group+"-txn"),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(5*time.Millisecond),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.MaxBufferedRecords(1<<18),
	)
	if err != nil {
		return 0, 0, err
	}
	defer s.Close()
	admin := kadm.NewClient(s.Client())
	ends, err := admin.ListEndOffsets(ctx, in)
	if err != nil {
		return 0, 0, err
	}
	var total int64
	partitions := int32(0)
	ends.Each(func(o kadm.ListedOffset) {
		total += o.Offset
		partitions++
	})
	if _, err := admin.CreateTopic(ctx, partitions, -1, nil, out); err != nil {
		return 0, 0, fmt.Errorf("create %s: %w", out, err)
	}
	for n < total {
		if err := s.Begin(); err != nil {
			return n, 0, err
		}
		for taken := 0; taken < size && n < total; {
			fetches := s.PollRecords(ctx, size-taken)
			if err := fetches.Err(); err != nil {
				return n, 0, err
			}
			fetches.EachRecord(func(r *kgo.Record) {
				taken++
				n++
				s.Produce(ctx, &kgo.Record{Topic: out, Partition: r.Partition, Key: r.Key, Value: r.Value, Timestamp: r.Timestamp}, nil)
			})
		}
		if ok, err := s.End(ctx, kgo.TryCommit); err != nil || !ok {
			return n, 0, fmt.Errorf("transaction: committed %v, %w", ok, err)
		}
	}
	return n, time.Since(start), nil
}
