package kafka

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"parallax/processors/row"
	"parallax/shadow/kafka/limits"
)

// letters keeps the batches of dead letters within the limits of their topics. The client has one
// limit for a topic, and that must allow dead letters that fit only after compression.
type letters struct {
	// pending are the bytes of the dead letters that the client may put into one batch: those
	// produced since it was last flushed, by topic-partition.
	pending map[row.TopicPartition]int
}

// produceLetter produces a dead letter: in a batch with others, or, if it must be compressed, in a
// batch of its own.
func (o *output) produceLetter(ctx context.Context, p *producer, r *kgo.Record) error {
	at, bytes := o.limits.At(r.Topic), limits.BatchBytes(r)
	if bytes > at.Bytes {
		return o.produceAlone(ctx, p, r)
	}
	tp := row.TopicPartition{Topic: r.Topic, Partition: r.Partition}
	if p.letters.pending[tp]+bytes > at.Bytes {
		if err := p.flush(ctx); err != nil {
			return err
		}
	}
	if p.letters.pending == nil {
		p.letters.pending = map[row.TopicPartition]int{}
	}
	p.letters.pending[tp] += bytes
	return o.produceRows(ctx, p, []*kgo.Record{r})
}

// produceAlone produces a record in a batch of its own, which is compressed.
func (o *output) produceAlone(ctx context.Context, p *producer, r *kgo.Record) error {
	if err := p.flush(ctx); err != nil {
		return err
	}
	o.compression.Switch(true)
	defer o.compression.Switch(false)
	if err := o.produceRows(ctx, p, []*kgo.Record{r}); err != nil {
		return err
	}
	return p.flush(ctx)
}

// flush waits until the broker has answered for all that was produced.
func (p *producer) flush(ctx context.Context) error {
	err := p.awaitBrokers(ctx, func(ctx context.Context) error { return p.client.Flush(ctx) })
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	p.letters.pending = nil
	return nil
}
