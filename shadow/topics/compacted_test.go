package topics_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"parallax/diff/tables"
	"parallax/shadow/kafka"
	"parallax/shadow/topics"
)

// fetched is the batch that begins at an offset of a partition.
func fetched(t *testing.T, client *kgo.Client, topic string, offset int64) []byte {
	t.Helper()
	details, err := kadm.NewClient(client).ListTopics(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	p := kmsg.NewFetchRequestTopicPartition()
	p.FetchOffset, p.PartitionMaxBytes = offset, 1<<20
	of := kmsg.NewFetchRequestTopic()
	of.Topic, of.TopicID, of.Partitions = topic, details[topic].ID, []kmsg.FetchRequestTopicPartition{p}
	req := kmsg.NewPtrFetchRequest()
	req.SessionEpoch, req.MaxBytes, req.Topics = -1, 1<<20, []kmsg.FetchRequestTopic{of}
	answer, err := client.Broker(0).Request(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	batches := answer.(*kmsg.FetchResponse).Topics[0].Partitions[0].RecordBatches
	return batches[:12+binary.BigEndian.Uint32(batches[8:])] // after the offset and the length
}

// emptyBatch is what compaction leaves of a batch without records.
func emptyBatch(first int64, records int32) []byte {
	b := kmsg.RecordBatch{FirstOffset: first, PartitionLeaderEpoch: -1, Magic: 2, LastOffsetDelta: records - 1, ProducerID: -1, ProducerEpoch: -1, FirstSequence: -1}
	raw := b.AppendTo(nil)
	b.Length = int32(len(raw) - 12)
	b.CRC = int32(crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return b.AppendTo(nil)
}

// TestATopicWhoseLastRecordsWereCompactedIsReadToItsEnd: the last records before the offset at which
// the topic ended are gone, and no record follows. The broker returns nothing there, or a batch
// without records.
func TestATopicWhoseLastRecordsWereCompactedIsReadToItsEnd(t *testing.T) {
	for name, tail := range map[string][]byte{"nothing": nil, "an empty batch": emptyBatch(3, 2), "two empty batches": append(emptyBatch(3, 1), emptyBatch(4, 1)...)} {
		t.Run(name, func(t *testing.T) {
			cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer cluster.Close()
			client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			for i := range 5 {
				if err := client.ProduceSync(t.Context(), record("out", 0, fmt.Sprint(i), fmt.Sprint(i))).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			var batches [3][]byte
			for i := range batches {
				batches[i] = fetched(t, client, "out", int64(i))
			}
			cluster.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
				cluster.KeepControl()
				req := r.(*kmsg.FetchRequest)
				answer := req.ResponseKind().(*kmsg.FetchResponse)
				for _, of := range req.Topics {
					got := kmsg.NewFetchResponseTopic()
					got.Topic, got.TopicID = of.Topic, of.TopicID
					for _, p := range of.Partitions {
						one := kmsg.NewFetchResponseTopicPartition()
						one.Partition, one.HighWatermark, one.LastStableOffset, one.LogStartOffset = p.Partition, 5, 5, 0
						for i := p.FetchOffset; i < 3; i++ {
							one.RecordBatches = append(one.RecordBatches, batches[i]...)
						}
						if p.FetchOffset < 5 {
							one.RecordBatches = append(one.RecordBatches, tail...)
						}
						got.Partitions = append(got.Partitions, one)
					}
					answer.Topics = append(answer.Topics, got)
				}
				return answer, nil, true
			})
			cfg := kafka.DefaultConfig()
			cfg.Brokers = cluster.ListenAddrs()
			topic, err := topics.Open(t.Context(), cfg, "out")
			if err != nil {
				t.Fatal(err)
			}
			topic.Idle = time.Millisecond
			var values []string
			err = topic.Read(t.Context(), func(r *tables.Record) error {
				values = append(values, string(r.Value))
				return nil
			})
			if got := strings.Join(values, " "); err != nil || got != "0 1 2" || topic.Offsets() != 5 {
				t.Errorf("%q of %d offsets, %v", got, topic.Offsets(), err)
			}
		})
	}
}
