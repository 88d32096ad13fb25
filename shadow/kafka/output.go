package kafka

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"maps"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// output is the way out: it encodes at once, and keeps what a transaction holds
// until that is known to have committed.
type output struct {
	t        *Task
	sinks    []sink
	dead     map[string]deadTopic // by source topic
	run      string               // tells this process's transactions from another's
	number   int64                // of the open transaction
	producer *producer
	// kept are the records of the open transaction, causes what made each of them,
	// offsets where its input ends.
	kept   []*kgo.Record
	causes []cause
	// lent is the memory that they lie in, shelf what takes it back.
	lent    []*slab
	shelf   shelf
	offsets row.Places[int64]
	flush   bool
	warned  bool
}

// cause is the record that made a row; offset is -1 for the flush.
type cause struct {
	at     row.TopicPartition
	offset int64
}

// sink is where a query's rows go.
type sink struct {
	topic      string
	partitions int32
	encoder    *codec.Encoder
	retention  time.Duration // 0: unlimited
}

func newOutput(ctx context.Context, t *Task, counts map[string]int32) (*output, error) {
	var id [6]byte
	_, _ = rand.Read(id[:]) // it never fails
	o := &output{t: t, dead: map[string]deadTopic{}, run: hex.EncodeToString(id[:])}
	for topic, n := range counts {
		name := t.opt.DeadLetter
		if name == "" {
			name = topic + ".dlq"
		}
		o.dead[topic] = deadTopic{topic: name, wanted: n}
	}
	if t.opt.NoOutput {
		for _, q := range t.plan.Queries {
			o.sinks = append(o.sinks, sink{encoder: codec.NewEncoder(q.Sink)})
		}
		return o, nil
	}
	counts = maps.Clone(counts) // of which prepareSink makes those of the sinks, too
	for _, q := range t.plan.Queries {
		s, err := t.prepareSink(ctx, q, counts)
		if err != nil {
			return nil, err
		}
		o.sinks = append(o.sinks, s)
	}
	return o, nil
}

// begin says where the input starts.
func (o *output) begin(parts map[row.TopicPartition]*position) {
	for tp, p := range parts {
		*o.offsets.At(tp) = p.next
	}
}

// Emit adds a batch's rows, dead letters and offsets to the open transaction.
func (t *Task) Emit(ctx context.Context, b *row.Batch, changes []row.Change, dead []row.DeadLetter) error {
	if err := t.isLost(); err != nil {
		return err
	}
	o := t.out
	o.flush = o.flush || b.Flush()
	for i := range b.Len() {
		r := b.Record(i)
		*o.offsets.At(r.TopicPartition) = r.Offset + 1
	}
	t.stats.deadLetters.Add(int64(len(dead)))
	if t.opt.NoOutput {
		t.stats.deadLetters.Add(o.countRefused(changes))
		return nil
	}
	start := time.Now()
	first := len(o.kept)
	refused := o.encode(b, changes)
	t.stats.encodeNanos.Add(int64(time.Since(start)))
	t.stats.encoded.Add(int64(len(changes) - len(refused)))
	t.stats.deadLetters.Add(int64(len(refused)))
	if err := o.bury(ctx, b, dead); err != nil {
		return err
	}
	if err := o.buryRows(ctx, b, changes, refused); err != nil {
		return err
	}
	return o.produce(ctx, o.kept[first:])
}

// encode appends the batch's rows to kept, but for those that can be no record,
// whose numbers it returns. Their bytes share one buffer.
func (o *output) encode(b *row.Batch, changes []row.Change) (refused []int) {
	s := o.shelf.take(len(changes))
	buf, records := s.bytes, s.records
	defer func() {
		s.bytes = buf
		o.lent = append(o.lent, s)
	}()
	for i := range changes {
		c := &changes[i]
		s := &o.sinks[c.Query]
		timestamp, err := s.encoder.Timestamp(c)
		if err != nil {
			refused = append(refused, i)
			continue
		}
		var record *row.Record
		by := cause{offset: -1}
		if c.Cause >= 0 {
			record = b.Record(int(c.Cause))
			by = cause{record.TopicPartition, record.Offset}
		}
		r := &records[i]
		from, rest := len(buf), len(buf)
		if s.encoder.HasKey() {
			buf, rest = s.encoder.AppendKey(buf, c)
			r.Key = buf[from:len(buf):len(buf)]
		}
		r.Partition = s.encoder.Partition(buf[from:rest], record, s.partitions)
		if s.encoder.HasValue(c) {
			from := len(buf)
			buf = s.encoder.AppendValue(buf, c)
			r.Value = buf[from:len(buf):len(buf)]
		}
		r.Topic = s.topic
		r.Timestamp = time.UnixMilli(timestamp)
		o.kept, o.causes = append(o.kept, r), append(o.causes, by)
		if s.retention > 0 && !o.warned && time.Since(r.Timestamp) > s.retention {
			o.warned = true
			o.t.log.Warn("event time is older than the output topic's retention: Kafka will delete these rows",
				"topic", s.topic, "event_time", r.Timestamp.UTC(), "retention", s.retention)
		}
	}
	return refused
}

func (o *output) close(ctx context.Context) error {
	if o.producer == nil {
		return nil
	}
	err := o.producer.abort(ctx)
	o.producer.client.Close()
	return err
}
