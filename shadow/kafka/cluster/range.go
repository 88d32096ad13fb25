package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
)

// Range says which records ReadRange reads. The zero value is all of them.
type Range struct {
	// From is the time of the first ones, by their timestamps; zero is the beginning.
	From time.Time
	// Until is the last record to read, and the other topic-partitions end at its timestamp;
	// nil is the end of all.
	Until *Place
	// Most is the largest number of records to read, 0 for no limit. If the range has more, only the
	// records from Since on are read, and of these the last ones before Until. If there are still
	// more and Until is nil, ReadRange returns ErrTooMany.
	Most int
	// Since is the time, by timestamps, from which on records matter; zero if that is not
	// known.
	Since time.Time
}

// Place is a record of a topic.
type Place struct {
	row.TopicPartition
	Offset int64
}

// ErrTooMany says that a range has more records than may be read.
var ErrTooMany = errors.New("too many records")

// Fetched are the records of a range, by topic-partition in the order of their offsets. IsCut says
// that earlier records of the range were left out because of Most.
type Fetched struct {
	Parts []FetchedPart
	IsCut bool
}

// FetchedPart has the records of one topic-partition.
type FetchedPart struct {
	row.TopicPartition
	Records []row.Record
}

// ReadRange reads committed records of topics. It joins no group, commits nothing and has no
// transaction, so it does not disturb a job that reads the same topics.
func (c *Cluster) ReadRange(ctx context.Context, topics []string, r Range) (*Fetched, error) {
	if _, err := c.Sources(ctx, topics); err != nil {
		return nil, err
	}
	b, err := c.boundsOf(ctx, topics, r)
	if err != nil {
		return nil, err
	}
	f := &Fetched{}
	if r.Most > 0 && b.count() > int64(r.Most) && !r.Since.IsZero() {
		f.IsCut = true
		if err := c.since(ctx, topics, r.Since.UnixMilli(), b); err != nil {
			return nil, err
		}
	}
	if r.Most > 0 && b.count() > int64(r.Most) {
		if r.Until == nil {
			return nil, fmt.Errorf("%w: the topics have %d records to read, and %d are allowed", ErrTooMany, b.count(), r.Most)
		}
		f.IsCut = true
		if err := c.cutTo(ctx, topics, r, b); err != nil {
			return nil, err
		}
	}
	for _, topic := range topics {
		parts := map[int32]int{} // indexes in f.Parts
		for partition := range int32(len(b.begins[topic])) {
			parts[partition] = len(f.Parts)
			f.Parts = append(f.Parts, FetchedPart{TopicPartition: row.TopicPartition{Topic: topic, Partition: partition}})
		}
		err := c.Read(ctx, topic, b.begins[topic], b.ends[topic], func(r *kgo.Record) bool {
			p := &f.Parts[parts[r.Partition]]
			p.Records = append(p.Records, recordOf(r))
			return true
		}, kgo.ConsumeResetOffset(kgo.NoResetOffset()))
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}

// recordOf returns a record of Kafka as an input record that is not decoded.
func recordOf(r *kgo.Record) row.Record {
	rec := row.Record{
		TopicPartition: row.TopicPartition{Topic: r.Topic, Partition: r.Partition},
		Offset:         r.Offset, Timestamp: Millis(r.Timestamp), Key: r.Key, Value: r.Value,
	}
	for _, h := range r.Headers {
		rec.Headers = append(rec.Headers, row.Header{Key: h.Key, Value: h.Value})
	}
	return rec
}

// bounds are the first offset of each topic-partition to read, and the one after the last.
type bounds struct{ begins, ends map[string]map[int32]int64 }

func (b *bounds) count() (n int64) {
	for topic, begins := range b.begins {
		for partition, begin := range begins {
			n += max(0, b.ends[topic][partition]-begin)
		}
	}
	return n
}

// boundsOf finds the bounds of a range.
func (c *Cluster) boundsOf(ctx context.Context, topics []string, r Range) (*bounds, error) {
	start := Start{}
	if !r.From.IsZero() {
		start.Millis = r.From.UnixMilli()
	}
	begins, err := c.Beginnings(ctx, start, topics)
	if err != nil {
		return nil, err
	}
	ends, err := Complete(c.admin.ListCommittedOffsets(ctx, topics...))
	if err != nil {
		return nil, fmt.Errorf("list the last stable offsets: %w", err)
	}
	b := &bounds{offsetsOf(begins), offsetsOf(ends)}
	if r.Until == nil {
		return b, nil
	}
	u := r.Until
	if u.Offset < b.begins[u.Topic][u.Partition] && r.From.IsZero() {
		return nil, fmt.Errorf("the record %s/%d@%d is no longer in Kafka, which begins at offset %d: give the records with --input, or set the topic's retention.ms to more than the time until divergences are explained",
			u.Topic, u.Partition, u.Offset, b.begins[u.Topic][u.Partition])
	}
	if u.Offset >= b.ends[u.Topic][u.Partition] {
		return nil, fmt.Errorf("the record %s/%d@%d is not in Kafka, which ends at offset %d: the topic was deleted and created again, or this is another cluster",
			u.Topic, u.Partition, u.Offset, b.ends[u.Topic][u.Partition])
	}
	last, err := c.timestampAt(ctx, u.TopicPartition, u.Offset)
	if err != nil {
		return nil, err
	}
	after, err := c.Beginnings(ctx, Start{Millis: max(1, last+1)}, topics)
	if err != nil {
		return nil, err
	}
	for topic, offsets := range offsetsOf(after) {
		for partition, offset := range offsets {
			b.ends[topic][partition] = min(b.ends[topic][partition], offset)
		}
	}
	b.ends[u.Topic][u.Partition] = u.Offset + 1
	return b, nil
}

// cutTo moves the beginnings towards the last record, so that about as many records are left
// as may be read: those of its topic-partition, and of the others those since the same time.
func (c *Cluster) cutTo(ctx context.Context, topics []string, r Range, b *bounds) error {
	u, parts := r.Until, 0
	for _, begins := range b.begins {
		parts += len(begins)
	}
	for most := int64(r.Most); b.count() > int64(r.Most) && most > 0; most /= 2 {
		begin := max(b.begins[u.Topic][u.Partition], u.Offset+1-max(1, most/int64(parts)))
		first, err := c.timestampAt(ctx, u.TopicPartition, begin)
		if err != nil {
			return err
		}
		if err := c.since(ctx, topics, first, b); err != nil {
			return err
		}
		b.begins[u.Topic][u.Partition] = begin
	}
	return nil
}

// since moves the beginnings to a time.
func (c *Cluster) since(ctx context.Context, topics []string, millis int64, b *bounds) error {
	since, err := c.Beginnings(ctx, Start{Millis: max(1, millis)}, topics)
	if err != nil {
		return err
	}
	for topic, offsets := range offsetsOf(since) {
		for partition, offset := range offsets {
			b.begins[topic][partition] = max(b.begins[topic][partition], offset)
		}
	}
	return nil
}

// timestampAt returns the timestamp of the first record at an offset or after it, in ms.
func (c *Cluster) timestampAt(ctx context.Context, at row.TopicPartition, offset int64) (millis int64, err error) {
	ends, err := c.LastStable(ctx, []string{at.Topic})
	if err != nil {
		return 0, err
	}
	err = c.Read(ctx, at.Topic, map[int32]int64{at.Partition: offset}, map[int32]int64{at.Partition: ends[at]}, func(r *kgo.Record) bool {
		millis = Millis(r.Timestamp)
		return false
	}, kgo.ConsumeResetOffset(kgo.NoResetOffset()))
	return millis, err
}

// offsetsOf are listed offsets by topic and partition.
func offsetsOf(list kadm.ListedOffsets) map[string]map[int32]int64 {
	offsets := map[string]map[int32]int64{}
	list.Each(func(o kadm.ListedOffset) {
		if offsets[o.Topic] == nil {
			offsets[o.Topic] = map[int32]int64{}
		}
		offsets[o.Topic][o.Partition] = o.Offset
	})
	return offsets
}
