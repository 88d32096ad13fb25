package kafka

import (
	"context"
	"fmt"

	"parallax/processors/row"
	"parallax/shadow/codec"
)

// Decoder decodes the records of one source, as a codec.Decoder does. It is used by one
// goroutine at a time.
//
// After sets the largest timestamp of the records before the ones that are decoded next.
// DecodeAll decodes records in order and appends their rows to t. A record that is invalid gets
// an Err and becomes a dead letter. If DecodeAll returns an error, records[done] is not invalid:
// it cannot be decoded for now, and is decoded again later. DecodeAll returns soon after ctx has
// ended.
type Decoder interface {
	After(largest int64)
	DecodeAll(ctx context.Context, records []row.Record, t *row.Table) (done int, err error)
}

// newDecoder returns a decoder of a source topic.
func (t *Task) newDecoder(ctx context.Context, topic string) (Decoder, error) {
	opt := codec.DecodeOptions{MaxFuture: t.cfg.MaxFuture}
	for i, s := range t.plan.Sources {
		switch {
		case s.Topic != topic:
		case t.opt.NewDecoder != nil:
			return t.opt.NewDecoder(ctx, s, i, opt)
		default:
			return codec.NewDecoder(ctx, s, i, opt)
		}
	}
	return nil, fmt.Errorf("no source reads topic %s", topic)
}

// newDecoders returns a decoder for each source topic.
func (t *Task) newDecoders(ctx context.Context) (map[string]Decoder, error) {
	list := map[string]Decoder{}
	for _, s := range t.plan.Sources {
		d, err := t.newDecoder(ctx, s.Topic)
		if err != nil {
			return nil, fmt.Errorf("make the decoder of topic %s: %w", s.Topic, err)
		}
		list[s.Topic] = d
	}
	return list, nil
}
