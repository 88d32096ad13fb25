package kafka

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"

	"parallax/processors/plan"
	"parallax/shadow/codec"
)

// prepareSink creates a query's output topic if it is missing, and refuses a topic that does not
// fit the job.
func (o *output) prepareSink(ctx context.Context, q *plan.Query, counts map[string]int32) (sink, error) {
	encoder, err := codec.NewEncoder(ctx, q.Sink)
	if err != nil {
		return sink{}, err
	}
	s := sink{topic: q.Sink.Topic, encoder: encoder}
	wanted := int32(q.Sink.Partitions)
	if wanted == 0 {
		wanted = counts[q.Logical.From[0].Rows.Topic]
	}
	var configs map[string]*string
	if q.Sink.Table && len(q.Sink.Key) > 0 {
		configs = map[string]*string{"cleanup.policy": kadm.StringPtr("compact")}
	}
	n, existed, err := o.t.member.EnsureTopic(ctx, s.topic, wanted, int16(q.Sink.Replicas), configs)
	if err != nil {
		return s, fmt.Errorf("output topic: %w", err)
	}
	isKept := n == wanted
	if !isKept && q.Sink.Partitions == 0 {
		if isKept, err = o.t.continues(ctx); err != nil {
			return s, err
		}
		if isKept { // its source got more partitions since
			o.t.log.Warn("an output topic has another number of partitions than its source: the job wrote to it before, and its keys stay in their partitions",
				"topic", s.topic, "partitions", n, "source", q.Logical.From[0].Rows.Topic, "its partitions", wanted)
		}
	}
	if !isKept {
		return s, fmt.Errorf("output topic %s has %d partitions, the job wants %d: keys would move to other partitions; delete the topic, write to another one, or set WITH (partitions=%d)", s.topic, n, wanted, n)
	}
	s.existed = existed
	s.partitions, counts[s.topic] = n, n // for queries that read what this one writes
	if existed && o.t.opt.FromStart && !o.t.opt.Append {
		if hasRows, err := o.t.hasRows(ctx, s.topic); err != nil {
			return s, err
		} else if hasRows {
			return s, fmt.Errorf("--from-start: output topic %s is not empty, and its rows would be written a second time; delete it, or use --append to add to it", s.topic)
		}
	}
	settings, err := o.t.member.Describe(ctx, s.topic)
	s.retention = settings[s.topic].Retention
	return s, err
}

// continues reports whether the job continues an earlier run.
func (t *Task) continues(ctx context.Context) (bool, error) {
	if t.opt.FromStart || t.opt.Generation > 0 {
		return !t.opt.FromStart, nil
	}
	last, err := t.member.lastGeneration(ctx)
	return last > 0, err
}
