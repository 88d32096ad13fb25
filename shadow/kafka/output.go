package kafka

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/codec"
	"parallax/shadow/ingest"
	"parallax/shadow/kafka/limits"
)

// output writes rows, dead letters and offsets in transactions. It encodes rows at once, and keeps
// the records of a transaction until it is known to have committed.
type output struct {
	t        *Task
	sinks    []sink
	dead     map[string]deadTopic // by source topic
	run      string               // identifies the transactions of this process
	number   int64                // of the open transaction
	producer *producer
	// kept are the records of the open transaction, causes the record that caused each of them.
	kept   []*kgo.Record
	causes []cause
	// held is the number of bytes that they take.
	held int64
	// lent is the memory of the kept rows; shelf takes it back after the commit.
	lent  []*slab
	shelf shelf
	// ends, position, watermark and order are the end of the open transaction's input; flush says
	// that it ends with the flush. advanced says that they have moved since the task began.
	ends     row.Places[inputEnd]
	position int64
	// committedTo is the position up to which the input has committed.
	committedTo int64
	watermark   int64
	order       ingest.OrderHash
	flush       bool
	advanced    bool
	// recordsStage says that the open transaction has a change of stage.
	recordsStage bool
	warned       bool
	// limits are the sizes that the topics accept, compression is for dead letters that are too large.
	limits      *limits.Sizes
	refuses     map[string]bool // topics that did not accept a row
	compression *limits.Compression

	// times are the timestamps that the topics accept.
	times map[string]limits.Times
	// retention is how long the topics keep records by their timestamps; 0 means without end.
	retention       map[string]time.Duration
	warnedOfLetters bool
}

// cause is the record that made a row; offset is -1 for the flush.
type cause struct {
	at     row.TopicPartition
	offset int64
}

// inputEnd is the end of a transaction's input in a topic-partition.
type inputEnd struct {
	next int64
	key  ingest.OrderKey
}

// sink is the output topic of a query.
type sink struct {
	topic      string
	existed    bool // before this run
	partitions int32
	encoder    *codec.Encoder
	retention  time.Duration // 0: unlimited
	// bytes is the most that a batch of its records may have, times are the timestamps
	// that they may have.
	bytes int
	times limits.Times
}

func newOutput(ctx context.Context, t *Task) (*output, error) {
	var id [6]byte
	_, _ = rand.Read(id[:]) // it never fails
	o := &output{t: t, dead: map[string]deadTopic{}, run: hex.EncodeToString(id[:]), limits: limits.NewSizes(), refuses: map[string]bool{}, retention: map[string]time.Duration{}, times: map[string]limits.Times{}}
	var err error
	if o.compression, err = limits.NewCompression(); err != nil {
		return nil, err
	}
	counts := map[string]int32{} // of the partitions of the sources, and then of the sinks, too
	for topic, source := range t.member.sources {
		n := source.Partitions
		counts[topic] = n
		name := t.opt.DeadLetter
		if name == "" {
			name = topic + ".dlq"
		}
		o.dead[topic] = deadTopic{topic: name, wanted: n}
	}
	if t.opt.NoOutput {
		for _, q := range t.plan.Queries {
			encoder, err := codec.NewEncoder(ctx, q.Sink)
			if err != nil {
				return nil, err
			}
			o.sinks = append(o.sinks, sink{encoder: encoder})
		}
		return o, nil
	}
	for _, q := range t.plan.Queries {
		s, err := o.prepareSink(ctx, q, counts)
		if err != nil {
			return nil, err
		}
		o.sinks = append(o.sinks, s)
	}
	return o, o.firstLimits(ctx)
}

// begin sets the start of the input that has not committed yet.
func (o *output) begin(parts map[row.TopicPartition]*position, at Note) {
	for tp, p := range parts {
		*o.ends.At(tp) = inputEnd{next: p.begin, key: ingest.OrderKeyOf(tp)}
	}
	o.position, o.watermark, o.order = at.Position, at.Watermark, at.Order
	o.committedTo = o.position
}

func (o *output) close(ctx context.Context) error {
	if o.producer == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, abortTimeout)
	defer cancel()
	err := o.producer.abort(ctx)
	o.producer.client.Close()
	return err
}
