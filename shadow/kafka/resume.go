package kafka

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"parallax/processors/row"
)

// mayBegin refuses a group that has no offsets where the output topics have rows, as
// --from-start is refused there: the job would write the rows again that another group, or
// another job, has written. Append allows it.
func (t *Task) mayBegin(ctx context.Context, committed map[row.TopicPartition]committedAt) error {
	if t.opt.FromStart || t.opt.Append || t.opt.NoOutput {
		return nil // --from-start has looked before it forgot the offsets
	}
	for tp := range committed {
		if slices.Contains(t.member.topics, tp.Topic) {
			return nil
		}
	}
	for _, s := range t.out.sinks {
		if !s.existed {
			continue
		}
		switch hasRows, err := t.member.hasRows(ctx, s.topic); {
		case err != nil:
			return err
		case hasRows:
			return fmt.Errorf("group %s has no offsets yet, and output topic %s is not empty: the job would start at the beginning of its input, and its rows would be written a second time; delete the topic, name the group that wrote it, or use --from-start --append to add to it",
				t.cfg.Group, s.topic)
		}
	}
	return nil
}

// mayResume refuses to go on where that would give wrong answers.
func (t *Task) mayResume(committed map[row.TopicPartition]committedAt) error {
	resumed := false
	for _, topic := range t.member.topics {
		for tp, at := range committed {
			if tp.Topic != topic {
				continue
			}
			if strings.HasSuffix(at.note, finishedNote) {
				return fmt.Errorf("group %s is finished: its windows were flushed at %s/%d@%d; run it again with --from-start (and --append to keep what is in the output topics), or with another group and other output topics",
					t.cfg.Group, tp.Topic, tp.Partition, at.offset)
			}
			resumed = true
		}
	}
	if resumed && t.opt.Stateful {
		return fmt.Errorf("group %s has committed offsets, and the job has state that was lost when it last stopped: to continue would emit wrong aggregates; run it with --from-start (and --append to keep what is in the output topics), or with another group and other output topics", t.cfg.Group)
	}
	return nil
}
