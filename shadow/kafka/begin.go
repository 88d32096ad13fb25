package kafka

import (
	"context"
	"fmt"
	"slices"

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
		if slices.Contains(t.topics(), tp.Topic) {
			return nil
		}
	}
	for _, s := range t.out.sinks {
		if !s.existed {
			continue
		}
		switch hasRows, err := t.hasRows(ctx, s.topic); {
		case err != nil:
			return err
		case hasRows:
			return fmt.Errorf("group %s has no offsets yet, and output topic %s is not empty: the job would begin at the start of its input, and rows that are there would come again; delete the topic, name the group that wrote it, or say --from-start --append to add to it",
				t.cfg.Group, s.topic)
		}
	}
	return nil
}
