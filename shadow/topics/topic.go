package topics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/diff/tables"
	"parallax/shadow/kafka"
	"parallax/shadow/kafka/cluster"
)

// Topic is a topic between the offsets that it had when it was opened. It implements
// tables.Source.
type Topic struct {
	brokers, topic string
	options        []kgo.Opt
	begins, ends   map[int32]int64
	// open is how many offsets there are after the last stable ones: transactions that
	// had not ended.
	open int64
	// Patience is how long Read waits for a broker that returns nothing. After Idle without a
	// record it asks whether there are any: compaction may have removed the last ones.
	Patience, Idle time.Duration
}

// ParseAddress splits kafka://BROKERS/TOPIC into brokers and topic. ok is false for a text
// that does not begin with kafka:.
func ParseAddress(text string) (brokers []string, topic string, ok bool, err error) {
	rest, ok := strings.CutPrefix(text, "kafka://")
	if !ok {
		if strings.HasPrefix(text, "kafka:") {
			return nil, "", true, fmt.Errorf("%q: write kafka://BROKER[,BROKER]/TOPIC", text)
		}
		return nil, "", false, nil
	}
	list, topic, _ := strings.Cut(rest, "/")
	if list == "" || topic == "" || strings.Contains(topic, "/") {
		return nil, "", true, fmt.Errorf("%q: write kafka://BROKER[,BROKER]/TOPIC", text)
	}
	brokers = strings.Split(list, ",")
	for _, b := range brokers {
		if err := cluster.CheckBroker(b); err != nil {
			return nil, "", true, fmt.Errorf("%q: %w", text, err)
		}
	}
	return brokers, topic, true, nil
}

// Open finds out where a topic begins and ends now. The end of a partition is its last
// stable offset: what is behind it belongs to a transaction that is open.
func Open(ctx context.Context, cfg kafka.Config, topic string) (*Topic, error) {
	options, err := cfg.ClientOptions()
	if err != nil {
		return nil, err
	}
	options = append(options, kgo.DisableClientMetrics()) // which would be written to the brokers
	client, err := kgo.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("kafka client: %w", err)
	}
	defer client.Close()
	t := &Topic{brokers: strings.Join(cfg.Brokers, ","), topic: topic, options: options, begins: map[int32]int64{}, ends: map[int32]int64{}, Patience: time.Minute, Idle: time.Second}
	admin := kadm.NewClient(client)
	details, err := admin.ListTopics(ctx, topic)
	switch d := details[topic]; {
	case err != nil:
		return nil, fmt.Errorf("reach Kafka at %s: %w", t.brokers, err)
	case errors.Is(d.Err, kerr.UnknownTopicOrPartition) || !details.Has(topic):
		return nil, fmt.Errorf("topic %s does not exist on %s", topic, t.brokers)
	case d.Err != nil:
		return nil, fmt.Errorf("topic %s on %s: %w", topic, t.brokers, d.Err)
	}
	for _, list := range []struct {
		what string
		from func(context.Context, ...string) (kadm.ListedOffsets, error)
		take func(kadm.ListedOffset)
	}{
		{"first", admin.ListStartOffsets, func(o kadm.ListedOffset) { t.begins[o.Partition] = o.Offset }},
		{"last stable", admin.ListCommittedOffsets, func(o kadm.ListedOffset) { t.ends[o.Partition] = o.Offset }},
		{"last", admin.ListEndOffsets, func(o kadm.ListedOffset) { t.open += max(0, o.Offset-t.ends[o.Partition]) }},
	} {
		offsets, err := list.from(ctx, topic)
		if err == nil {
			err = offsets.Error()
		}
		if err != nil {
			return nil, fmt.Errorf("list the %s offsets of topic %s: %w", list.what, topic, err)
		}
		offsets.Each(list.take)
	}
	return t, nil
}

// Name is the topic's address.
func (t *Topic) Name() string { return "kafka://" + t.brokers + "/" + t.topic }

// Topic is the topic's name.
func (t *Topic) Topic() string { return t.topic }

// Offsets is how many offsets there are between the beginnings and the ends.
func (t *Topic) Offsets() (n int64) {
	for partition, end := range t.ends {
		n += end - t.begins[partition]
	}
	return n
}

// Open is how many offsets were after the ends because a transaction was open.
func (t *Topic) Open() int64 { return t.open }

// Read visits the committed records, those of a partition in their order.
func (t *Topic) Read(ctx context.Context, visit func(*tables.Record) error) error {
	from, left := map[int32]kgo.Offset{}, map[int32]int64{} // left: the ends of partitions that are not read yet
	for partition, end := range t.ends {
		if t.begins[partition] < end {
			from[partition], left[partition] = kgo.NewOffset().At(t.begins[partition]), end
		}
	}
	if len(left) == 0 {
		return nil
	}
	client, err := kgo.NewClient(append(slices.Clip(t.options),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{t.topic: from}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), // markers say how far a partition was read
		kgo.FetchMaxBytes(8<<20), kgo.FetchMaxPartitionBytes(2<<20), kgo.MaxConcurrentFetches(1),
	)...)
	if err != nil {
		return fmt.Errorf("kafka client: %w", err)
	}
	defer client.Close()
	next := maps.Clone(t.begins)
	for idle := time.Duration(0); len(left) > 0; {
		isIdle, err := t.poll(ctx, client, left, next, visit)
		switch {
		case err != nil:
			return err
		case !isIdle:
			idle = 0
			continue
		}
		err = t.dropDrained(ctx, client, left, next)
		if idle += t.Idle; len(left) > 0 && idle >= t.Patience {
			return errors.Join(fmt.Errorf("%s returned no record of partitions %v for %v, and they are not read to the end", t.Name(), slices.Sorted(maps.Keys(left)), t.Patience), err)
		}
	}
	return nil
}

// dropDrained takes partitions out of left that have no more records before their ends.
func (t *Topic) dropDrained(ctx context.Context, client *kgo.Client, left, next map[int32]int64) error {
	asking, cancel := context.WithTimeout(ctx, t.Patience)
	defer cancel()
	drained, err := cluster.Drained(asking, client, t.topic, next, left)
	for _, partition := range drained {
		delete(left, partition)
	}
	return err
}

// poll visits the records of one fetch, and removes the partitions that it finished from
// left.
func (t *Topic) poll(ctx context.Context, client *kgo.Client, left, next map[int32]int64, visit func(*tables.Record) error) (isIdle bool, err error) {
	waiting, cancel := context.WithTimeout(ctx, t.Idle)
	fetches := client.PollFetches(waiting)
	isIdle = waiting.Err() != nil && fetches.NumRecords() == 0
	cancel()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	for _, f := range fetches.Errors() {
		if f.Err != nil && !errors.Is(f.Err, context.Canceled) && !errors.Is(f.Err, context.DeadlineExceeded) {
			return false, fmt.Errorf("read %s/%d of %s: %w", f.Topic, f.Partition, t.brokers, f.Err)
		}
	}
	var record tables.Record
	for records := fetches.RecordIter(); !records.Done(); {
		r := records.Next()
		end, isLeft := left[r.Partition]
		if !isLeft {
			continue
		}
		if r.Offset < end && !r.Attrs.IsControl() {
			record = tables.Record{Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli(), Key: r.Key, Value: r.Value}
			if err := visit(&record); err != nil {
				return false, err
			}
		}
		next[r.Partition] = r.Offset + 1
		if r.Offset+1 >= end {
			delete(left, r.Partition)
			client.PauseFetchPartitions(map[string][]int32{t.topic: {r.Partition}})
		}
	}
	return isIdle, nil
}
